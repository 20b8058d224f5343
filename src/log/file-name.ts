import { invariant } from '../base/errors.ts';

/** File systems take 255 bytes at most; the rest is room for what a store puts around a name. */
const MAX_ENCODED_BYTES = 200;

/**
 * A file name for any text, different ones for different texts, also where file systems ignore case; `decodeFileName` turns
 * it back. Lower-case letters, digits, `-`, `_` and inner dots stand for themselves, other bytes become `%xx`.
 */
export function encodeFileName(text: string): string {
  const bytes = Buffer.from(text);
  let encoded = '';
  for (const [index, byte] of bytes.entries()) {
    const char = String.fromCharCode(byte);
    const isPlain = /[a-z0-9_-]/.test(char) || (char === '.' && index > 0);
    encoded += isPlain ? char : `%${byte.toString(16).padStart(2, '0')}`;
  }
  invariant(encoded.length > 0 && encoded.length <= MAX_ENCODED_BYTES, `the log name ${text} has 1 to ${MAX_ENCODED_BYTES} bytes`);
  return encoded;
}

/** Undefined for a file name that `encodeFileName` never gives. */
export function decodeFileName(name: string): string | undefined {
  if (!/^(?:%[0-9a-f]{2}|[a-z0-9_-])(?:%[0-9a-f]{2}|[a-z0-9_.-])*$/.test(name)) return undefined;
  const bytes = Buffer.from(name.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
  return bytes.toString();
}
