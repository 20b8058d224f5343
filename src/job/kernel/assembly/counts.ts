/** Tuples counted by key, and the rows `key,count` of them. */
import { findKey, setKey } from './key';
import { ENDS, IN, KEY, OUT, OUT_BYTES, PIECE_BYTES, RESULTS, SLACK_BYTES } from './layout';
import { allocate, release } from './heap';
import { writeQuoted } from './quotes';
import { ENTRY_HEAD_BYTES, emptyTable, entryOfKey, keyCount, nextEntry } from './table';
import { copyBytes } from './vectors';

/** What a row has besides its key: two quotes, a comma, a newline, and a count below 2^53; and what is copied behind its end. */
const ROW_EXTRA_BYTES: u32 = 20 + SLACK_BYTES;

let staged: u32 = KEY;
let stagedBytes: u32 = PIECE_BYTES;
/** The places of all entries, in the order of their keys. */
let sorted: u32 = 0;

/** Where the caller may write a key of so many bytes for `addToKey`; 0 where there is no memory for it. */
export function stageKey(length: u32): u32 {
  if (length > stagedBytes) {
    staged = allocate(length + SLACK_BYTES);
    stagedBytes = staged == 0 ? 0 : length;
  }
  return staged;
}

let maxKeys: u32 = u32.MAX_VALUE;

/** With so many keys `countKeys` stops. */
export function limitKeys(limit: u32): void {
  maxKeys = limit;
}

/** How many keys there are. */
export function keysCounted(): u32 {
  return keyCount;
}

/** Forgets all keys. */
export function forgetKeys(): void {
  release();
  emptyTable();
  staged = KEY;
  stagedBytes = PIECE_BYTES;
  sorted = 0;
}

/** Adds to the count of the key that was staged; gives its entry, 0 where there is no memory for it. */
export function addToKey(length: u32, count: f64): u32 {
  setKey(staged, staged + length);
  const entry = entryOfKey();
  if (entry != 0) store<f64>(entry, load<f64>(entry) + count);
  return entry;
}

/**
 * Counts the tuples in IN from number `from` to `count`, whose ends in ENDS count from `base`, by column (0: the tuple
 * without its newline). Gives the number of the first one that it had no memory for, or of that behind the one with which keys
 * came to their limit, else `count`.
 */
export function countKeys(from: u32, count: u32, base: u32, column: u32): u32 {
  const origin = IN - base;
  let start = from == 0 ? IN : origin + load<u32>(ENDS + ((from - 1) << 2));
  for (let tuple = from; tuple < count; tuple++) {
    const end = origin + load<u32>(ENDS + (tuple << 2));
    findKey(start, end, column);
    const entry = entryOfKey();
    if (entry == 0) return tuple;
    store<f64>(entry, load<f64>(entry) + 1);
    if (keyCount >= maxKeys) return tuple + 1;
    start = end;
  }
  return count;
}

/** As `countKeys`, with a row in OUT for each; also ends where OUT is full. RESULTS: bytes in OUT; whether memory is at its end. */
export function countRunning(from: u32, count: u32, base: u32, column: u32): u32 {
  const origin = IN - base;
  let start = from == 0 ? IN : origin + load<u32>(ENDS + ((from - 1) << 2));
  let out = OUT;
  let tuple = from;
  store<u32>(RESULTS, 0, 4);
  for (; tuple < count; tuple++) {
    const end = origin + load<u32>(ENDS + (tuple << 2));
    if (out + (end - start) * 2 + ROW_EXTRA_BYTES > OUT + OUT_BYTES) break;
    findKey(start, end, column);
    const entry = entryOfKey();
    if (entry == 0) {
      store<u32>(RESULTS, 1, 4);
      break;
    }
    store<f64>(entry, load<f64>(entry) + 1);
    out = writeRow(entry, out);
    start = end;
  }
  store<u32>(RESULTS, out - OUT);
  return tuple;
}

/** Sorts all keys by their bytes, for `writeRows`; false where there is no memory for it. */
export function sortKeys(): bool {
  sorted = allocate(keyCount * 8);
  if (sorted == 0) return false;
  let at = sorted;
  for (let entry = nextEntry(0); entry != 0; entry = nextEntry(entry)) {
    store<u32>(at, entry);
    at += 4;
  }
  let from = sorted;
  let to = sorted + keyCount * 4;
  for (let width: u32 = 1; width < keyCount; width *= 2) {
    for (let left: u32 = 0; left < keyCount; left += width * 2) merge(from, to, left, min(left + width, keyCount), min(left + width * 2, keyCount));
    const other = from;
    from = to;
    to = other;
  }
  sorted = from;
  return true;
}

/**
 * Writes rows of the sorted keys from number `from` on to OUT. Gives the number of the first one not written. RESULTS: bytes
 * in OUT; the entry of that first one where its row is too long for OUT, which is then empty, else 0.
 */
export function writeRows(from: u32): u32 {
  let out = OUT;
  let number = from;
  store<u32>(RESULTS, 0, 4);
  for (; number < keyCount; number++) {
    const entry = load<u32>(sorted + (number << 2));
    if (<u64>out + <u64>load<u32>(entry, 8) * 2 + ROW_EXTRA_BYTES > OUT + OUT_BYTES) {
      if (out == OUT) store<u32>(RESULTS, entry, 4);
      break;
    }
    out = writeRow(entry, out);
  }
  store<u32>(RESULTS, out - OUT);
  return number;
}

function merge(from: u32, to: u32, left: u32, middle: u32, right: u32): void {
  let a = left;
  let b = middle;
  for (let i = left; i < right; i++) {
    const takeLeft = a < middle && (b >= right || compareKeys(load<u32>(from + (a << 2)), load<u32>(from + (b << 2))) <= 0);
    store<u32>(to + (i << 2), load<u32>(from + ((takeLeft ? a : b) << 2)));
    if (takeLeft) a++;
    else b++;
  }
}

function compareKeys(a: u32, b: u32): i32 {
  const lengthA = load<u32>(a, 8);
  const lengthB = load<u32>(b, 8);
  const shared = min(lengthA, lengthB);
  for (let at: u32 = ENTRY_HEAD_BYTES; at < shared + ENTRY_HEAD_BYTES; at += 16) {
    const differ = ~i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at))) & 0xffff;
    if (differ == 0) continue;
    const place = at + <u32>ctz(differ);
    if (place >= shared + ENTRY_HEAD_BYTES) break;
    return <i32>load<u8>(a + place) - <i32>load<u8>(b + place);
  }
  return lengthA < lengthB ? -1 : lengthA > lengthB ? 1 : 0;
}

/** Gives the place behind the row. */
@inline
function writeRow(entry: u32, out: u32): u32 {
  const key = entry + ENTRY_HEAD_BYTES;
  const length = load<u32>(entry, 8);
  let at = out;
  if (load<u32>(entry, 12) == 0) {
    copyBytes(at, key, length);
    at += length;
  } else {
    at = writeQuoted(key, length, at);
  }
  return writeCount(<u64>load<f64>(entry), at);
}

/** A comma, the number, a newline. */
@inline
function writeCount(count: u64, out: u32): u32 {
  store<u8>(out, 0x2c);
  let digits: u32 = 1;
  for (let bound: u64 = 10; count >= bound; bound *= 10) digits++;
  let rest = count;
  for (let at = out + digits; at > out; at--) {
    store<u8>(at, 0x30 + <u8>(rest % 10));
    rest /= 10;
  }
  store<u8>(out + digits + 1, 0x0a);
  return out + digits + 2;
}
