/**
 * Fields of one CSV record, found in its bytes without decoding them.
 *
 * A field is quoted when its first byte is a quote that is closed again within the record; its value is what stands inside,
 * `""` there meaning one quote, followed by whatever stands between the closing quote and the comma. Any other field is its
 * bytes as they are: `5" pipe`, and also `"abc` where the quote is never closed (possible only where a record is a line).
 * The record's newline, and one CR before it, belong to no field.
 *
 * Positions: a record is `bytes[start..end)`, with or without its newline. Columns are numbered from 1.
 */
const NEWLINE = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where a field stands. Filled in by the functions here and meant to be used again, so that reading a field allocates nothing. */
export interface FieldSpan {
  /** The value is `bytes[start..end)`, unless `escaped`. */
  start: number;
  end: number;
  /** `bytes[start..end)` is the field with its quotes, and has to go through `unquote` to become the value. */
  escaped: boolean;
  /** Offset of the comma behind the field, or of the record's end. */
  next: number;
}

export function fieldSpan(): FieldSpan {
  return { start: 0, end: 0, escaped: false, next: 0 };
}

/** The end of a record's last field: before its newline, and a CR before that, if it has them. */
export function recordEnd(bytes: Buffer, start: number, end: number): number {
  if (end === start || bytes[end - 1] !== NEWLINE) return end;
  return end - 1 > start && bytes[end - 2] === CR ? end - 2 : end - 1;
}

/**
 * Finds column `column` of a record. A record with fewer columns has an empty value there: `out` is then empty and the
 * answer false.
 */
export function locateField(bytes: Buffer, start: number, end: number, column: number, out: FieldSpan): boolean {
  const limit = recordEnd(bytes, start, end);
  let at = start;
  for (let before = column - 1; before > 0; before--) {
    at = skipField(bytes, at, limit) + 1;
    if (at > limit) {
      setSpan(out, limit, limit, false, limit);
      return false;
    }
  }
  readField(bytes, at, limit, out);
  return true;
}

/**
 * Reads the field that begins at `at`; `limit` is the record's `recordEnd`. The next field begins at `out.next + 1`, and
 * there is none when `out.next` is `limit`.
 */
export function readField(bytes: Buffer, at: number, limit: number, out: FieldSpan): void {
  const close = bytes[at] === QUOTE && at < limit ? closingQuote(bytes, at, limit) : -1;
  const next = findComma(bytes, close === -1 ? at : close + 1, limit);
  if (close === -1) setSpan(out, at, next, false, next);
  else if (next === close + 1 && !hasQuote(bytes, at + 1, close)) setSpan(out, at + 1, close, false, next);
  else setSpan(out, at, next, true, next);
}

/** The value of a field as bytes: a view where it stands there as it is, else a copy. */
export function fieldValue(bytes: Buffer, span: FieldSpan): Buffer {
  if (!span.escaped) return bytes.subarray(span.start, span.end);
  const value = Buffer.allocUnsafe(span.end - span.start);
  return value.subarray(0, unquote(bytes, span.start, span.end, value));
}

/**
 * Writes the value of the quoted field `bytes[start..end)` to the beginning of `target`, which has room for `end - start`
 * bytes; gives the value's length.
 */
export function unquote(bytes: Buffer, start: number, end: number, target: Uint8Array): number {
  let length = 0;
  let inQuotes = true;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (inQuotes && byte === QUOTE) {
      if (i + 1 < end && bytes[i + 1] === QUOTE) i++;
      else {
        inQuotes = false;
        continue;
      }
    }
    target[length++] = byte;
  }
  return length;
}

/** The values of all fields of a record; at least one. */
export function fieldsOf(bytes: Buffer, start: number, end: number): Buffer[] {
  const limit = recordEnd(bytes, start, end);
  const span = fieldSpan();
  const values: Buffer[] = [];
  let at = start;
  do {
    readField(bytes, at, limit, span);
    values.push(fieldValue(bytes, span));
    at = span.next + 1;
  } while (at <= limit);
  return values;
}

/** Whether a value must stand in quotes, by csv-stringify's default rules: when it has a quote, comma, newline or CR. */
export function needsQuotes(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE || byte === COMMA || byte === NEWLINE || byte === CR) return true;
  }
  return false;
}

/** A value as a CSV field: itself, or a copy in quotes where it needs them. */
export function quoteField(value: Buffer): Buffer {
  if (!needsQuotes(value, 0, value.length)) return value;
  // Every byte may be a quote, which is written twice.
  const field = Buffer.allocUnsafe(value.length * 2 + 2);
  let length = 0;
  field[length++] = QUOTE;
  for (const byte of value) {
    if (byte === QUOTE) field[length++] = QUOTE;
    field[length++] = byte;
  }
  field[length++] = QUOTE;
  return field.subarray(0, length);
}

function setSpan(out: FieldSpan, start: number, end: number, escaped: boolean, next: number): void {
  out.start = start;
  out.end = end;
  out.escaped = escaped;
  out.next = next;
}

/** The offset of the comma behind the field at `at`, or `limit`. */
function skipField(bytes: Buffer, at: number, limit: number): number {
  const close = bytes[at] === QUOTE && at < limit ? closingQuote(bytes, at, limit) : -1;
  return findComma(bytes, close === -1 ? at : close + 1, limit);
}

/** The offset of the quote that closes the one at `open`, or -1. */
function closingQuote(bytes: Buffer, open: number, limit: number): number {
  let at = open + 1;
  while (at < limit) {
    if (bytes[at] !== QUOTE) at++;
    else if (at + 1 < limit && bytes[at + 1] === QUOTE) at += 2;
    else return at;
  }
  return -1;
}

function hasQuote(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === QUOTE) return true;
  return false;
}

function findComma(bytes: Buffer, from: number, limit: number): number {
  let at = from;
  while (at < limit && bytes[at] !== COMMA) at++;
  return at;
}
