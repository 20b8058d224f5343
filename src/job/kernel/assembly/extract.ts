/**
 * Rows of some columns of each tuple: what `operators/lib/keep-columns.ts` writes.
 *
 * The ends of the fields are found 64 bytes at a time, with the same turns of quotes as in `scan.ts`; a record in which
 * quotes do not take turns is gone through field by field. A field in a record without a quote or a CR is copied as it is.
 */
import { closingQuote, findComma } from './field';
import { keyEnd, keyStart, unquote } from './key';
import { COLUMNS, ENDS, FIELD_ENDS, IN, OUT, OUT_BYTES, RESULTS, SLACK_BYTES } from './layout';
import { needsQuotes, writeQuoted } from './quotes';
import { COMMA, CR, QUOTE, copyBytes, lowest, maskOf, maskOfEither, oddUpTo } from './vectors';

/** What a row has besides its columns: CR, newline, and what is copied behind its end. */
const ROW_EXTRA_BYTES: u32 = 2 + SLACK_BYTES;

/** What a column has besides twice its bytes, which may all be quotes: two quotes, a comma. */
const COLUMN_EXTRA_BYTES: u32 = 3;

/** Of the record whose fields were found last: how many there are, and whether it has neither a quote nor a CR as far as it was read. */
let found: u32 = 0;
let plain: bool = false;

/**
 * Writes the `columns` columns in COLUMNS of each of the `count` tuples in IN to OUT. `base`: where ENDS counts from; `last`:
 * the highest of the columns; `repeats`: how often at most one of them is there. Gives the number of the first tuple for
 * whose row OUT might have no room, else `count`. RESULTS: bytes in OUT.
 */
export function extractColumns(count: u32, base: u32, columns: u32, last: u32, repeats: u32): u32 {
  const origin = IN - base;
  const columnsEnd = COLUMNS + (columns << 2);
  const extra = columns * COLUMN_EXTRA_BYTES + ROW_EXTRA_BYTES;
  let start = IN;
  let out = OUT;
  let tuple: u32 = 0;
  for (; tuple < count; tuple++) {
    const end = origin + load<u32>(ENDS + (tuple << 2));
    if (out + (end - start) * 2 * repeats + extra > OUT + OUT_BYTES) break;
    const limit = end - 1 > start && load<u8>(end - 2) == CR ? end - 2 : end - 1;
    if (!findEnds(start, limit, last)) findEndsOneByOne(start, limit, last);
    out = writeColumns(columnsEnd, out);
    // The newline, and the CR before it where there is one.
    store<u16>(out, load<u16>(limit));
    out += end - limit;
    start = end;
  }
  store<u32>(RESULTS, out - OUT);
  return tuple;
}

/** Finds where the first `last` fields of a record end, or all that it has; false where its quotes do not take turns. */
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

/** Writes the columns with commas between them; gives the place behind them. */
@inline
function writeColumns(columnsEnd: u32, out: u32): u32 {
  let at = out;
  for (let place = COLUMNS; place < columnsEnd; place += 4) {
    const column = load<u32>(place);
    if (column <= found) {
      const before = FIELD_ENDS + ((column - 1) << 2);
      const start = load<u32>(before) + 1;
      const end = load<u32>(before, 4);
      at = plain ? writeBytes(start, end, at) : writeField(start, end, at);
    }
    store<u8>(at++, COMMA);
  }
  // None stands behind the last one.
  return at - 1;
}

@inline
function writeBytes(start: u32, end: u32, out: u32): u32 {
  copyBytes(out, start, end - start);
  return out + (end - start);
}

/** Writes the value of a field, in quotes if it needs them. */
function writeField(start: u32, end: u32, out: u32): u32 {
  if (start == end || load<u8>(start) != QUOTE) return writeValue(start, end, out);
  // Nothing inside that needs its quotes: no quote either, so that these two are a pair.
  if (end - start > 1 && load<u8>(end - 1) == QUOTE && !needsQuotes(start + 1, end - 1)) return writeBytes(start + 1, end - 1, out);
  const close = closingQuote(start, end);
  if (close == 0) return writeValue(start, end, out);
  if (close == end - 1) return writeBytes(start, end, out);
  unquote(start, end);
  return writeValue(keyStart, keyEnd, out);
}

function writeValue(start: u32, end: u32, out: u32): u32 {
  return needsQuotes(start, end) ? writeQuoted(start, end - start, out) : writeBytes(start, end, out);
}
