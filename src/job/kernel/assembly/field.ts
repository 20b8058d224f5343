/** One field after the other: what `csv-field.ts` does. */
import { COMMA, QUOTE } from './vectors';

/** Where the quoted field that begins at `open` is closed, or 0 where it is not, or not quoted. */
export function closingQuote(open: u32, limit: u32): u32 {
  if (open >= limit || load<u8>(open) != QUOTE) return 0;
  let at = findByte(open + 1, limit, QUOTE);
  for (; at < limit; at = findByte(at + 2, limit, QUOTE)) {
    if (at + 1 == limit || load<u8>(at + 1) != QUOTE) return at;
  }
  return 0;
}

/** Where the next comma from `from` on stands, or `limit`. */
export function findComma(from: u32, limit: u32): u32 {
  return findByte(from, limit, COMMA);
}

@inline
function findByte(from: u32, limit: u32, wanted: u8): u32 {
  for (let at = from; at < limit; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(wanted)));
    if (found != 0) return min(at + <u32>ctz(found), limit);
  }
  return limit;
}
