/**
 * The ends of the tuples in a piece: what `RecordScanner` does, 64 bytes at a time.
 *
 * Quotes take turns in opening and closing: `""` inside a field closes it and opens it again. That is right as long as each
 * quote that opens stands at the start of a field or behind one that closed. 64 bytes in which one does not (`5" pipe`) are
 * gone through mark by mark.
 */
import { ENDS, IN, RESULTS } from './layout';
import { COMMA, NEWLINE, QUOTE, lowest, maskOf, oddUpTo } from './vectors';

const AT_FIELD_START: u32 = 0;
const IN_FIELD: u32 = 1;
const IN_QUOTES: u32 = 2;
const AT_QUOTE_IN_QUOTES: u32 = 3;

/** No place in any piece, nor beside one. */
const NOWHERE: i32 = -2;

let ends: u32 = 0;
/** What is made of the tuples that end: a list, their number and where the last of them ends, or besides that a bit for each. */
const LISTING: u32 = 0;
const COUNTING: u32 = 1;
const MARKING: u32 = 2;

let mode: u32 = LISTING;
let counted: u32 = 0;
let lastEnd: u32 = 0;
let linesToLastEnd: u32 = 0;
let newlinesBefore: u32 = 0;
let openedBehind: i32 = 0;
let inQuotes: bool = false;
let closedAt: i32 = 0;

/** Writes `base` + the offset behind each newline to ENDS; gives their number. */
export function scanLines(length: u32, base: u32): u32 {
  const newline = i8x16.splat(NEWLINE);
  let at: u32 = 0;
  ends = ENDS;
  for (; at + 64 <= length; at += 64) addEnds(maskOf(IN + at, newline), base + at + 1);
  if (at < length) addEnds(maskOf(IN + at, newline) & lowest(length - at), base + at + 1);
  return (ends - ENDS) >> 2;
}

/**
 * Writes `base` + the offset behind each tuple's newline to ENDS; gives their number. `state`: of `RecordScanner`, where the
 * piece begins. RESULTS: the state behind the piece; all newlines in it; and, where a quote in it is still open or was opened
 * last, the newlines before that one, else -1.
 */
export function scanCsv(length: u32, base: u32, state: u32): u32 {
  mode = LISTING;
  scan(length, base, state);
  return (ends - ENDS) >> 2;
}

/**
 * Gives the number of tuples that end in the piece. RESULTS: as `scanCsv` has them; then the offset behind the last of these
 * tuples, and all newlines before that; 0 both where none ends.
 */
export function countCsv(length: u32, state: u32): u32 {
  mode = COUNTING;
  return count(length, state);
}

/** As `countCsv` of a piece that begins with a tuple, with a bit for each end: u64 in ENDS for 64 bytes. */
export function markCsv(length: u32): u32 {
  memory.fill(ENDS, 0, ((length + 63) >> 6) << 3);
  mode = MARKING;
  return count(length, AT_FIELD_START);
}

function count(length: u32, state: u32): u32 {
  counted = 0;
  lastEnd = 0;
  linesToLastEnd = 0;
  scan(length, 0, state);
  store<u32>(RESULTS + 12, lastEnd);
  store<u32>(RESULTS + 16, linesToLastEnd);
  return counted;
}

/** As `countCsv`, where each newline ends a tuple. */
export function countLines(length: u32): u32 {
  mode = COUNTING;
  return countNewlines(length);
}

/** As `markCsv`, where each newline ends a tuple. */
export function markLines(length: u32): u32 {
  mode = MARKING;
  return countNewlines(length);
}

@inline
function countNewlines(length: u32): u32 {
  const newline = i8x16.splat(NEWLINE);
  let count: u32 = 0;
  let last: u32 = 0;
  for (let at: u32 = 0; at < length; at += 64) {
    let newlines = maskOf(IN + at, newline);
    if (length - at < 64) newlines &= lowest(length - at);
    count += <u32>popcnt(newlines);
    if (mode == MARKING) store<u64>(ENDS + (at >> 3), newlines);
    if (newlines != 0) last = at + 64 - <u32>clz(newlines);
  }
  store<u32>(RESULTS + 12, last);
  store<u32>(RESULTS + 16, count);
  return count;
}

@inline
function scan(length: u32, base: u32, state: u32): void {
  store<u8>(IN - 1, state == AT_FIELD_START ? NEWLINE : 0);
  ends = ENDS;
  newlinesBefore = 0;
  openedBehind = -1;
  inQuotes = state == IN_QUOTES;
  closedAt = state == AT_QUOTE_IN_QUOTES ? -1 : NOWHERE;
  let at: u32 = 0;
  for (; at + 64 <= length; at += 64) scanBlock(at, ~(<u64>0), base);
  if (at < length) scanBlock(at, lowest(length - at), base);
  const last = load<u8>(IN + length - 1);
  let after = IN_FIELD;
  if (inQuotes) after = IN_QUOTES;
  else if (closedAt == <i32>length - 1) after = AT_QUOTE_IN_QUOTES;
  else if (last == COMMA || last == NEWLINE) after = AT_FIELD_START;
  store<u32>(RESULTS, after);
  store<u32>(RESULTS + 4, newlinesBefore);
  store<i32>(RESULTS + 8, openedBehind);
}

@inline
function scanBlock(at: u32, valid: u64, base: u32): void {
  const newlines = maskOf(IN + at, i8x16.splat(NEWLINE)) & valid;
  const quotes = maskOf(IN + at, i8x16.splat(QUOTE)) & valid;
  if (quotes == 0) {
    if (!inQuotes) take(newlines, newlines, at, base);
  } else {
    scanQuotes(at, newlines, quotes, base);
  }
  newlinesBefore += <u32>popcnt(newlines);
}

function scanQuotes(at: u32, newlines: u64, quotes: u64, base: u32): void {
  const commas = maskOf(IN + at, i8x16.splat(COMMA));
  const before = load<u8>(IN + at - 1);
  const closedBefore: u64 = closedAt == <i32>at - 1 ? 1 : 0;
  const startBefore: u64 = before == COMMA || before == NEWLINE ? 1 : 0;
  const inside = oddUpTo(quotes) ^ (inQuotes ? ~(<u64>0) : 0);
  const opening = quotes & inside;
  const again = (quotes << 1) | closedBefore;
  if ((opening & ~(((commas | newlines) << 1) | startBefore | again)) != 0) {
    scanMarks(at, newlines, quotes, base);
    return;
  }
  const opened = opening & ~again;
  if (opened != 0) openedBehind = <i32>(newlinesBefore + <u32>popcnt(newlines & lowest(63 - <u32>clz(opened))));
  inQuotes = inside >> 63 != 0;
  if (!inQuotes) closedAt = <i32>at + 63 - <i32>clz(quotes);
  take(newlines & ~inside, newlines, at, base);
}

/** The tuples that end in 64 bytes. `newlines`: all of these. */
@inline
function take(ending: u64, newlines: u64, at: u32, base: u32): void {
  if (mode == LISTING) {
    addEnds(ending, base + at + 1);
  } else if (ending != 0) {
    const behind = 64 - <u32>clz(ending);
    if (mode == MARKING) store<u64>(ENDS + (at >> 3), load<u64>(ENDS + (at >> 3)) | ending);
    counted += <u32>popcnt(ending);
    lastEnd = at + behind;
    linesToLastEnd = newlinesBefore + <u32>popcnt(newlines << (64 - behind));
  }
}

/** Newlines and quotes one after the other. */
function scanMarks(at: u32, newlines: u64, quotes: u64, base: u32): void {
  for (let rest = newlines | quotes; rest != 0; rest &= rest - 1) {
    const bit = <u32>ctz(rest);
    const here = <i32>(at + bit);
    if (((quotes >> bit) & 1) == 0) {
      if (!inQuotes) take(<u64>1 << bit, newlines, at, base);
    } else if (inQuotes) {
      inQuotes = false;
      closedAt = here;
    } else if (closedAt == here - 1) {
      inQuotes = true;
    } else {
      const before = load<u8>(IN + <u32>here - 1);
      if (before != COMMA && before != NEWLINE) continue;
      inQuotes = true;
      openedBehind = <i32>(newlinesBefore + <u32>popcnt(newlines & lowest(bit)));
    }
  }
}

/** Adds `base` + the place of each bit. Two are written in any case, since tuples are seldom shorter than half of 64 bytes. */
@inline
function addEnds(mask: u64, base: u32): void {
  const count = <u32>popcnt(mask);
  let rest = mask;
  store<u32>(ends, base + <u32>ctz(rest));
  rest &= rest - 1;
  store<u32>(ends, base + <u32>ctz(rest), 4);
  if (count > 2) {
    let at = ends;
    for (rest = mask; rest != 0; rest &= rest - 1) {
      store<u32>(at, base + <u32>ctz(rest));
      at += 4;
    }
  }
  ends += count << 2;
}
