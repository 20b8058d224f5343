/** Rows of some columns of each tuple: what `operators/lib/keep-columns.ts` writes. */
import { closingQuote } from './field';
import { findFields, found, plain } from './fields';
import { keyEnd, keyStart, unquote } from './key';
import { COLUMNS, ENDS, FIELD_ENDS, IN, OUT, OUT_BYTES, RESULTS, SLACK_BYTES } from './layout';
import { needsQuotes, writeQuoted } from './quotes';
import { COMMA, CR, QUOTE, copyBytes } from './vectors';

/** What a row has besides its columns: CR, newline, and what is copied behind its end. */
const ROW_EXTRA_BYTES: u32 = 2 + SLACK_BYTES;

/** What a column has besides twice its bytes, which may all be quotes: two quotes, a comma. */
const COLUMN_EXTRA_BYTES: u32 = 3;

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
    findFields(start, limit, last);
    out = writeColumns(columnsEnd, out);
    // The newline, and the CR before it where there is one.
    store<u16>(out, load<u16>(limit));
    out += end - limit;
    start = end;
  }
  store<u32>(RESULTS, out - OUT);
  return tuple;
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
