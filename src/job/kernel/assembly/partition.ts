/** Tuples sorted by their consumer, in their order: which consumer, how much for each, and then each tuple to its place. */
import { findKey, hashKey } from './key';
import { ENDS, IN, OUT, OUT_ENDS, OWNERS, PARTS, PART_BYTES, SLACK_BYTES } from './layout';
import { copyBytes } from './vectors';

/**
 * Partitions the `count` tuples in IN, which end where ENDS says, among `parts` consumers by the hash of a column, or of the
 * tuple without its newline for column 0. `base`: where ENDS
 * counts from. PARTS says what there is for each consumer, OUT_ENDS where each tuple ends in its consumer's part.
 */
export function partition(count: u32, base: u32, column: u32, parts: u32): void {
  memory.fill(PARTS, 0, parts * PART_BYTES);
  chooseOwners(count, IN - base, column, parts);
  placeParts(parts);
  moveTuples(count, IN - base);
}

function chooseOwners(count: u32, origin: u32, column: u32, parts: u32): void {
  let start = IN;
  for (let tuple: u32 = 0; tuple < count; tuple++) {
    const end = origin + load<u32>(ENDS + (tuple << 2));
    findKey(start, end, column);
    const owner = <u32>((<u64>hashKey() * <u64>parts) >> 32);
    store<u16>(OWNERS + (tuple << 1), <u16>owner);
    const part = PARTS + owner * PART_BYTES;
    store<u32>(part, load<u32>(part) + (end - start));
    store<u32>(part, load<u32>(part, 4) + 1, 4);
    start = end;
  }
}

function placeParts(parts: u32): void {
  let bytes = OUT;
  let ends = OUT_ENDS;
  for (let i: u32 = 0; i < parts; i++) {
    const part = PARTS + i * PART_BYTES;
    store<u32>(part, bytes, 8);
    store<u32>(part, ends, 12);
    bytes += load<u32>(part) + SLACK_BYTES;
    ends += load<u32>(part, 4) << 2;
    // From here on they grow with what has been moved.
    store<u32>(part, 0);
    store<u32>(part, 0, 4);
  }
}

function moveTuples(count: u32, origin: u32): void {
  let start = IN;
  for (let tuple: u32 = 0; tuple < count; tuple++) {
    const end = origin + load<u32>(ENDS + (tuple << 2));
    const part = PARTS + <u32>load<u16>(OWNERS + (tuple << 1)) * PART_BYTES;
    const used = load<u32>(part);
    const number = load<u32>(part, 4);
    const length = end - start;
    copyBytes(load<u32>(part, 8) + used, start, length);
    store<u32>(load<u32>(part, 12) + (number << 2), used + length);
    store<u32>(part, used + length);
    store<u32>(part, number + 1, 4);
    start = end;
  }
}
