/**
 * Writes a tuple for a log: newline, CR, NUL and backslash as `\n`, `\r`, `\0`, `\\`, every other byte as it is.
 * So an entry stays one line, and no tuple can look like an event.
 */
const ESCAPES = new Map<number, string>([
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x00, '\\0'],
  [0x5c, '\\\\'],
]);

/** Longer tuples are cut in the log, which says how much is missing. */
const MAX_LOGGED_TUPLE_BYTES = 2048;

/** Whether tuples among these bytes may have to be escaped, for a reason other than their newlines or their length. */
export function mayNeedEscape(bytes: Buffer): boolean {
  return bytes.includes(0x0d) || bytes.includes(0x00) || bytes.includes(0x5c);
}

/** Whether a tuple that `mayNeedEscape` says no of stands in a log as it is. `end`: before its newline. */
export function isLoggedAsItIs(bytes: Buffer, start: number, end: number): boolean {
  return end - start <= MAX_LOGGED_TUPLE_BYTES && bytes.indexOf(0x0a, start) === end;
}

export function escapeTuple(bytes: Buffer, start: number, end: number): Buffer {
  const shownEnd = Math.min(end, start + MAX_LOGGED_TUPLE_BYTES);
  if (shownEnd === end && !needsEscape(bytes, start, end)) return bytes.subarray(start, end);
  const parts: Buffer[] = [];
  let plain = start;
  for (let at = start; at < shownEnd; at++) {
    const escape = ESCAPES.get(bytes[at] as number);
    if (escape === undefined) continue;
    parts.push(bytes.subarray(plain, at), Buffer.from(escape));
    plain = at + 1;
  }
  parts.push(bytes.subarray(plain, shownEnd));
  if (shownEnd < end) parts.push(Buffer.from(`… (${end - shownEnd} bytes more)`));
  return Buffer.concat(parts);
}

function needsEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (ESCAPES.has(bytes[at] as number)) return true;
  return false;
}
