/**
 * Text from bytes of any kind, and back without loss. What is UTF-8 becomes what it says; each byte that belongs to no valid
 * character becomes the lone surrogate U+DC00 + byte, which no valid text has. This is Python's `surrogateescape` (PEP 383).
 */
import { isUtf8 } from 'node:buffer';

/** Lone surrogates U+DC80 to U+DCFF stand for the bytes 0x80 to 0xFF. */
const ESCAPE = 0xdc00;

/** Smallest code point that needs so many bytes. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];
const LARGEST = 0x10ffff;

/** The text of `bytes[start..end)`. */
export function decodeText(bytes: Buffer, start = 0, end = bytes.length): string {
  if (isUtf8(bytes.subarray(start, end))) return bytes.toString('utf8', start, end);
  let text = '';
  for (let at = start; at < end;) {
    const length = characterAt(bytes, at, end);
    text += length === 0 ? String.fromCharCode(ESCAPE + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += length === 0 ? 1 : length;
  }
  return text;
}

/** The bytes of a text: those it was read from, or UTF-8. Other lone surrogates become U+FFFD, as everywhere. */
export function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces: Buffer[] = [];
  let start = 0;
  for (const match of text.matchAll(/[\udc80-\udcff]/gu)) {
    pieces.push(Buffer.from(text.slice(start, match.index)), Buffer.of(match[0].charCodeAt(0) - ESCAPE));
    start = match.index + 1;
  }
  return Buffer.concat([...pieces, Buffer.from(text.slice(start))]);
}

/** How many bytes the character at `at` has, or 0 when none begins there. */
function characterAt(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc0 || first > 0xf7 || at + length > end) return 0;
  let point = first & (0xff >> (length + 1));
  for (let i = at + 1; i < at + length; i++) {
    const byte = bytes[i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return 0;
    point = (point << 6) | (byte & 0x3f);
  }
  const isCharacter = point >= (SMALLEST[length] ?? 0) && point <= LARGEST && (point < 0xd800 || point > 0xdfff);
  return isCharacter ? length : 0;
}
