/**
 * The fields of a record, in FIELD_ENDS.
 *
 * Their ends are found 64 bytes at a time, with the same turns of quotes as in `scan.ts`; a record in which quotes do not
 * take turns is gone through field by field. In a record without a quote or a CR each field is its value as it stands there.
 */
import { closingQuote, findComma } from './field';
import { FIELD_ENDS } from './layout';
import { COMMA, CR, QUOTE, lowest, maskOf, maskOfEither, oddUpTo } from './vectors';

/** Of the record looked at last: how many fields were found, and whether it has neither a quote nor a CR as far as it was read. */
export let found: u32 = 0;
export let plain: bool = false;

/** Finds the first `last` fields of a record, or all that it has. `limit`: the end of its last field. */
@inline
export function findFields(start: u32, limit: u32, last: u32): void {
  if (!findEnds(start, limit, last)) findEndsOneByOne(start, limit, last);
}

/** False where quotes do not take turns. */
@inline
function findEnds(start: u32, limit: u32, last: u32): bool {
  const toLast = FIELD_ENDS + (last << 2);
  let to = FIELD_ENDS;
  store<u32>(to, start - 1);
  let inQuotes: u64 = 0;
  let quotedBefore: u64 = 0;
  let startBefore: u64 = 1;
  plain = true;
  for (let at = start; ; at += 64) {
    const rest = limit - at;
    const valid = rest < 64 ? lowest(rest) : ~(<u64>0);
    const allCommas = maskOf(at, i8x16.splat(COMMA)) & valid;
    const marked = (maskOfEither(at, i8x16.splat(QUOTE), i8x16.splat(CR)) & valid) != 0;
    const quotes = marked ? maskOf(at, i8x16.splat(QUOTE)) & valid : 0;
    let commas = allCommas;
    if (marked) plain = false;
    if (marked || inQuotes != 0) {
      const inside = oddUpTo(quotes) ^ inQuotes;
      const mayOpen = (allCommas << 1) | startBefore | (quotes << 1) | quotedBefore;
      if ((quotes & inside & ~mayOpen) != 0) return false;
      inQuotes = <u64>(<i64>inside >> 63);
      commas &= ~inside;
    }
    for (; commas != 0 && to < toLast; commas &= commas - 1) {
      to += 4;
      store<u32>(to, at + <u32>ctz(commas));
    }
    if (rest < 64 || to == toLast) break;
    startBefore = allCommas >> 63;
    quotedBefore = quotes >> 63;
  }
  if (to < toLast) {
    if (inQuotes != 0) return false;
    to += 4;
    store<u32>(to, limit);
  }
  found = (to - FIELD_ENDS) >> 2;
  return true;
}

/** As `findEnds`, whatever the quotes are like. */
function findEndsOneByOne(start: u32, limit: u32, last: u32): void {
  plain = false;
  found = 0;
  store<u32>(FIELD_ENDS, start - 1);
  for (let at = start; found < last && at <= limit; found++) {
    const close = closingQuote(at, limit);
    const end = findComma(close == 0 ? at : close + 1, limit);
    store<u32>(FIELD_ENDS + (found << 2), end, 4);
    at = end + 1;
  }
}
