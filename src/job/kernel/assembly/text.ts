/** The tuples that hold a text, where it is known how each of them ends, and where that is found on the way. */
import { ENDS, IN, NEEDLE, OUT, RESULTS } from './layout';
import { markCsv, markLines } from './scan';
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

/**
 * Copies those tuples of a piece of `length` bytes to OUT that hold the `textLength` bytes at NEEDLE, none of which is a
 * newline; gives the bytes in OUT. The piece begins with a tuple; what follows its last end is left. RESULTS: as `countCsv`.
 */
export function keepFromCsv(length: u32, textLength: u32): u32 {
  return markCsv(length) == 0 ? 0 : keepMarked(textLength);
}

/** As `keepFromCsv`, where each newline ends a tuple. */
export function keepFromLines(length: u32, textLength: u32): u32 {
  return markLines(length) == 0 ? 0 : keepMarked(textLength);
}

/** 64 bytes in which no tuple to be kept is under way, and where the text is not, are passed by at once. */
function keepMarked(length: u32): u32 {
  const end = IN + load<u32>(RESULTS, 12);
  const first = i8x16.splat(load<i8>(NEEDLE));
  const last = i8x16.splat(load<i8>(NEEDLE + length - 1));
  let out = OUT;
  let start = IN;
  let kept = false;
  for (let at = IN; at < end; at += 64) {
    let ends = load<u64>(ENDS + ((at - IN) >> 3));
    let places = maskOf(at, first) & maskOf(at + length - 1, last);
    while (true) {
      if (kept) {
        if (ends == 0) break;
        const behind = at + <u32>ctz(ends) + 1;
        copyBytes(out, start, behind - start);
        out += behind - start;
        start = behind;
        kept = false;
        // The rest of this tuple is of no interest.
        places &= ~(ends ^ (ends - 1));
        ends &= ends - 1;
      } else if (places == 0) {
        if (ends != 0) start = at + 64 - <u32>clz(ends);
        break;
      } else {
        const place = <u32>ctz(places);
        const passed = ends & lowest(place);
        if (passed != 0) {
          start = at + 64 - <u32>clz(passed);
          ends &= ~passed;
        }
        places &= places - 1;
        kept = length <= 2 || equalBytes(at + place + 1, NEEDLE + 1, length - 2);
      }
    }
  }
  return out - OUT;
}
