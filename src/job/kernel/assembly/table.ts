/**
 * Keys and how often each came: a hash table with linear probing, and the keys themselves in the order in which they came.
 *
 * A slot is the place of an entry and the key's hash. An entry is the count (f64), the length of the key, whether it needs
 * quotes as a CSV field (u32 each), and the key. Entries lie in chunks, each of which begins with the place of the next chunk
 * and that behind its last entry.
 */
import { allocate } from './heap';
import { hashKey, keyEnd, keyStart } from './key';
import { SLACK_BYTES } from './layout';
import { needsQuotes } from './quotes';
import { copyBytes, equalBytes } from './vectors';

const SLOT_BITS: u32 = 3;
const FIRST_SLOTS: u32 = 1024;
const CHUNK_HEAD_BYTES: u32 = 8;
const CHUNK_BYTES: u32 = 64 * 1024;
export const ENTRY_HEAD_BYTES: u32 = 16;

let slots: u32 = 0;
let slotCount: u32 = 0;
export let keyCount: u32 = 0;
let firstChunk: u32 = 0;
let chunk: u32 = 0;
let chunkEnd: u32 = 0;
/** The slots before they were doubled: room for the next chunk. */
let spare: u32 = 0;
let spareBytes: u32 = 0;

/** The entry of the key found last, a new one with count 0 if it has none; 0 where there is no memory for it. */
@inline
export function entryOfKey(): u32 {
  const hash = hashKey();
  const length = keyEnd - keyStart;
  if (slots != 0) {
    for (let slot = hash; ; slot++) {
      const at = slots + ((slot & (slotCount - 1)) << SLOT_BITS);
      const entry = load<u32>(at);
      if (entry == 0) break;
      if (load<u32>(at, 4) == hash && load<u32>(entry, 8) == length && equalBytes(entry + ENTRY_HEAD_BYTES, keyStart, length)) return entry;
    }
  }
  return addEntry(hash, length);
}

/** The entry behind this one, or the first for 0; 0 behind the last. */
export function nextEntry(entry: u32): u32 {
  let at = entry == 0 ? firstChunk + CHUNK_HEAD_BYTES : entry + entryBytes(load<u32>(entry, 8));
  if (entry == 0) {
    if (keyCount == 0) return 0;
    walked = firstChunk;
  }
  while (at == load<u32>(walked, 4)) {
    walked = load<u32>(walked);
    if (walked == 0) return 0;
    at = walked + CHUNK_HEAD_BYTES;
  }
  return at;
}

/** Forgets the table, whose memory is gone. */
export function emptyTable(): void {
  slots = 0;
  slotCount = 0;
  keyCount = 0;
  firstChunk = 0;
  chunk = 0;
  chunkEnd = 0;
  spare = 0;
  spareBytes = 0;
}

/** The chunk in which the entry given last lies. */
let walked: u32 = 0;

function addEntry(hash: u32, length: u32): u32 {
  if ((keyCount + 1) * 2 > slotCount && !doubleSlots()) return 0;
  const bytes = entryBytes(length);
  if ((chunk == 0 || load<u32>(chunk, 4) + bytes > chunkEnd) && !addChunk(bytes)) return 0;
  const entry = load<u32>(chunk, 4);
  store<u32>(chunk, entry + bytes, 4);
  store<f64>(entry, 0);
  store<u32>(entry, length, 8);
  store<u32>(entry, <u32>needsQuotes(keyStart, keyEnd), 12);
  copyBytes(entry + ENTRY_HEAD_BYTES, keyStart, length);
  keyCount++;
  placeEntry(entry, hash);
  return entry;
}

@inline
function entryBytes(length: u32): u32 {
  return (ENTRY_HEAD_BYTES + length + 7) & ~7;
}

function placeEntry(entry: u32, hash: u32): void {
  let slot = hash & (slotCount - 1);
  while (load<u32>(slots + (slot << SLOT_BITS)) != 0) slot = (slot + 1) & (slotCount - 1);
  store<u32>(slots + (slot << SLOT_BITS), entry);
  store<u32>(slots + (slot << SLOT_BITS), hash, 4);
}

function doubleSlots(): bool {
  const before = slots;
  const countBefore = slotCount;
  const count = max(FIRST_SLOTS, countBefore * 2);
  const larger = allocate(count << SLOT_BITS);
  if (larger == 0) return false;
  slots = larger;
  slotCount = count;
  const end = before + (countBefore << SLOT_BITS);
  for (let at = before; at < end; at += 8) {
    const entry = load<u32>(at);
    if (entry != 0) placeEntry(entry, load<u32>(at, 4));
  }
  spare = before;
  spareBytes = countBefore << SLOT_BITS;
  return true;
}

/** Begins a chunk that has room for an entry of so many bytes, and for what is copied behind its end. */
function addChunk(entryBytes: u32): bool {
  const needed = CHUNK_HEAD_BYTES + entryBytes + SLACK_BYTES;
  let next = spare;
  let bytes = spareBytes;
  if (bytes < needed) {
    bytes = max(needed, CHUNK_BYTES);
    next = allocate(bytes);
    if (next == 0) return false;
  } else {
    spareBytes = 0;
  }
  store<u32>(next, 0);
  store<u32>(next, next + CHUNK_HEAD_BYTES, 4);
  if (chunk == 0) firstChunk = next;
  else store<u32>(chunk, next);
  chunk = next;
  chunkEnd = next + bytes - SLACK_BYTES;
  return true;
}
