/**
 * The key of a record: what `csv-field.ts` finds, and the hash of it that `partition.ts` takes.
 *
 * Most keys stand within the first 64 bytes of their record and are found there by counting commas outside of quotes, with
 * the same turns of quotes as in `scan.ts`. Whatever is not that plain goes through the fields one by one.
 */
import { closingQuote, findComma } from './field';
import { KEY } from './layout';
import { COMMA, CR, QUOTE, lowest, maskOf, oddUpTo } from './vectors';

/** Where the key found last stands: in the record, or in KEY without its quotes. */
export let keyStart: u32 = 0;
export let keyEnd: u32 = 0;

/** Takes these bytes for the key. */
export function setKey(start: u32, end: u32): void {
  keyStart = start;
  keyEnd = end;
}

/** Finds the key of the record `start` to `end`, newline included: column `column`, from 1, or all of it for 0. */
@inline
export function findKey(start: u32, end: u32, column: u32): void {
  if (column == 0) {
    keyStart = start;
    keyEnd = end - 1;
    return;
  }
  const limit = end - 1 > start && load<u8>(end - 2) == CR ? end - 2 : end - 1;
  if (!findPlain(start, limit, column)) findField(start, limit, column);
}

/** MurmurHash3_x86_32 (Austin Appleby, public domain) of the key, seed 0. Up to three bytes behind it are read. */
@inline
export function hashKey(): u32 {
  let hash: u32 = 0;
  let at = keyStart;
  for (; at + 4 <= keyEnd; at += 4) {
    hash = rotl<u32>(hash ^ mixWord(load<u32>(at)), 13) * 5 + 0xe6546b64;
  }
  hash ^= mixWord(load<u32>(at) & <u32>lowest((keyEnd - at) << 3));
  hash ^= keyEnd - keyStart;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

@inline
function mixWord(word: u32): u32 {
  return rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593;
}

/** Finds the column in the record's first 64 bytes; false where that is not certain. */
@inline
function findPlain(start: u32, limit: u32, column: u32): bool {
  let commas = maskOf(start, i8x16.splat(COMMA));
  let quotes = maskOf(start, i8x16.splat(QUOTE));
  const length = limit - start;
  if (length < 64) {
    // The end of the record closes its last field as a comma would.
    commas = (commas & lowest(length)) | (<u64>1 << length);
    quotes &= lowest(length);
  }
  let starts: u64 = 1;
  if (quotes != 0) {
    const inside = oddUpTo(quotes);
    starts = quotes & inside & ~((commas << 1) | (quotes << 1) | 1);
    commas &= ~inside;
  } else {
    starts = 0;
  }
  let from: u32 = 0;
  for (let before = column - 1; before != 0; before--) {
    if (commas == 0) return false;
    from = <u32>ctz(commas) + 1;
    commas &= commas - 1;
  }
  if (commas == 0 || from > length) return false;
  const to = <u32>ctz(commas);
  // A quote that opens in the middle of a field is content, and then the turns are wrong behind it.
  if ((starts & lowest(to)) != 0) return false;
  const own = quotes & lowest(to) & ~lowest(from);
  if (own == 0) {
    keyStart = start + from;
    keyEnd = start + to;
    return true;
  }
  if (popcnt(own) != 2 || <u32>ctz(own) != from || 63 - <u32>clz(own) != to - 1) return false;
  keyStart = start + from + 1;
  keyEnd = start + to - 1;
  return true;
}

/** Finds the column field by field. */
function findField(start: u32, limit: u32, column: u32): void {
  let at = start;
  for (let before = column - 1; before != 0; before--) {
    const close = closingQuote(at, limit);
    at = findComma(close == 0 ? at : close + 1, limit) + 1;
    if (at > limit) {
      keyStart = limit;
      keyEnd = limit;
      return;
    }
  }
  const close = closingQuote(at, limit);
  const next = findComma(close == 0 ? at : close + 1, limit);
  if (close == 0) {
    keyStart = at;
    keyEnd = next;
  } else {
    unquote(at, next);
  }
}

/** The value of the quoted field `start` to `end`, written to KEY. */
export function unquote(start: u32, end: u32): void {
  let to = KEY;
  let quoted = true;
  for (let at = start + 1; at < end; at++) {
    const byte = load<u8>(at);
    if (quoted && byte == QUOTE) {
      if (at + 1 < end && load<u8>(at + 1) == QUOTE) {
        at++;
      } else {
        quoted = false;
        continue;
      }
    }
    store<u8>(to, byte);
    to++;
  }
  keyStart = KEY;
  keyEnd = to;
}
