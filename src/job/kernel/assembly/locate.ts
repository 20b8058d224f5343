/** Where some columns of each tuple stand: what `locateField` in `csv-field.ts` finds. */
import { findFields, found, plain } from './fields';
import { COLUMNS, ENDS, FIELD_ENDS, IN, OUT, OUT_BYTES, RESULTS } from './layout';
import { needsQuotes } from './quotes';
import { CR, QUOTE } from './vectors';

/** The place of a column whose value does not simply stand there, or that is missing. */
const NOWHERE: u32 = 0xffffffff;

const SPAN_BITS: u32 = 3;

/**
 * Writes where the value of each of the `columns` columns in COLUMNS begins and ends (u32 each) to OUT, for the `count` tuples
 * in IN one after the other; NOWHERE twice for one that is to be looked for by the caller. They count from where ENDS does,
 * from `base`. `last`: the highest of the columns. Gives the number of the first tuple that OUT has no room for, else `count`.
 * RESULTS: bytes in OUT.
 */
export function locateColumns(count: u32, base: u32, columns: u32, last: u32): u32 {
  const origin = IN - base;
  const columnsEnd = COLUMNS + (columns << 2);
  const fitting = min(count, OUT_BYTES / (columns << SPAN_BITS));
  let start = IN;
  let out = OUT;
  for (let tuple: u32 = 0; tuple < fitting; tuple++) {
    const end = origin + load<u32>(ENDS + (tuple << 2));
    findFields(start, end - 1 > start && load<u8>(end - 2) == CR ? end - 2 : end - 1, last);
    for (let place = COLUMNS; place < columnsEnd; place += 4) {
      writeSpan(load<u32>(place), origin, out);
      out += 1 << SPAN_BITS;
    }
    start = end;
  }
  store<u32>(RESULTS, out - OUT);
  return fitting;
}

@inline
function writeSpan(column: u32, origin: u32, out: u32): void {
  store<u32>(out, NOWHERE);
  store<u32>(out, NOWHERE, 4);
  if (column > found) return;
  const before = FIELD_ENDS + ((column - 1) << 2);
  let start = load<u32>(before) + 1;
  let end = load<u32>(before, 4);
  if (!plain && end > start && load<u8>(start) == QUOTE) {
    // The two are a pair where no quote is between them; what else needs quotes is rare, and left out with it.
    if (end - start < 2 || load<u8>(end - 1) != QUOTE || needsQuotes(start + 1, end - 1)) return;
    start++;
    end--;
  }
  store<u32>(out, start - origin);
  store<u32>(out, end - origin, 4);
}
