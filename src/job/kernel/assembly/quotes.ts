/** Values as CSV fields: in quotes where they need them, by the rules of `csv-field.ts`. */
import { COMMA, CR, NEWLINE, QUOTE } from './vectors';

/** Whether a value must stand in quotes. Up to a vector behind it is read. */
export function needsQuotes(start: u32, end: u32): bool {
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at);
    const marks = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(COMMA))),
      v128.or(i8x16.eq(bytes, i8x16.splat(NEWLINE)), i8x16.eq(bytes, i8x16.splat(CR))),
    );
    const found = i8x16.bitmask(marks);
    if (found != 0) return at + <u32>ctz(found) < end;
  }
  return false;
}

/** Writes a value in quotes; gives the place behind it. */
export function writeQuoted(value: u32, length: u32, out: u32): u32 {
  let at = out;
  store<u8>(at++, QUOTE);
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(value + i);
    if (byte == QUOTE) store<u8>(at++, QUOTE);
    store<u8>(at++, byte);
  }
  store<u8>(at++, QUOTE);
  return at;
}
