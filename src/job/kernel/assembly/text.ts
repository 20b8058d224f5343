/** The tuples that hold a text. */
import { ENDS, IN, NEEDLE, OUT } from './layout';
import { copyBytes, equalBytes, lowest, maskOf } from './vectors';

/**
 * Copies those of the `count` tuples in IN to OUT that hold the `length` bytes at NEEDLE before their newline; gives the
 * bytes in OUT. `base`: where ENDS counts from. Places are looked at where its first and its last byte stand (Mula, "SIMD-
 * friendly algorithms for substring searching").
 */
export function keepWith(count: u32, base: u32, length: u32): u32 {
  const origin = IN - base;
  const end = origin + load<u32>(ENDS + ((count - 1) << 2));
  const first = i8x16.splat(load<i8>(NEEDLE));
  const last = i8x16.splat(load<i8>(NEEDLE + length - 1));
  let out = OUT;
  let tuple = ENDS;
  let at = IN;
  while (at < end) {
    let places = maskOf(at, first) & maskOf(at + length - 1, last);
    if (end - at < 64) places &= lowest(end - at);
    let next = at + 64;
    for (; places != 0; places &= places - 1) {
      const place = at + <u32>ctz(places);
      if (length > 2 && !equalBytes(place + 1, NEEDLE + 1, length - 2)) continue;
      while (origin + load<u32>(tuple) <= place) tuple += 4;
      const tupleEnd = origin + load<u32>(tuple);
      // A text with a newline in it may reach beyond its tuple, where it is in none.
      if (place + length >= tupleEnd) continue;
      const start = tuple == ENDS ? IN : origin + load<u32>(tuple - 4);
      copyBytes(out, start, tupleEnd - start);
      out += tupleEnd - start;
      next = tupleEnd;
      break;
    }
    at = next;
  }
  return out - OUT;
}
