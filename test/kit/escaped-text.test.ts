import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeText, encodeText } from '../../src/kit/escaped-text.ts';

/** Bytes that begin, continue and break characters of every length. */
const bytes = fc
  .array(fc.constantFrom('a', '\x00', '\x7f', '\x80', '\xbf', '\xc0', '\xc3', '\xa9', '\xe2', '\x82', '\xac', '\xed', '\xa0', '\xf0', '\x9f', '\x98', '\xf4', '\x90', '\xf8', '\xff', '€', '😀'))
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part, part.length > 1 || part === '€' ? 'utf8' : 'latin1'))));

test('bytes of any kind come back as they were', () => {
  fc.assert(
    fc.property(bytes, (bytes) => {
      expect(encodeText(decodeText(bytes))).toEqual(bytes);
    }),
    { numRuns: 2_000 },
  );
});

test('what is UTF-8 is decoded as that', () => {
  fc.assert(
    fc.property(bytes, (bytes) => {
      fc.pre(isUtf8(bytes));
      expect(decodeText(bytes)).toBe(bytes.toString());
    }),
  );
  expect(decodeText(Buffer.from('aé€😀'))).toBe('aé€😀');
});

test('each byte of what is none becomes one character of its own', () => {
  expect(decodeText(Buffer.from('a\xe2\x82b\xff', 'latin1'))).toBe('a\udce2\udc82b\udcff');
  // Overlong, a surrogate, beyond the last character.
  for (const none of ['\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80']) expect(decodeText(Buffer.from(none, 'latin1'))).toHaveLength(none.length);
});

test('only the part that is asked for is read', () => {
  expect(decodeText(Buffer.from('x\xc3\xa9y', 'latin1'), 1, 3)).toBe('é');
  expect(decodeText(Buffer.from('x\xc3\xa9y', 'latin1'), 2, 3)).toBe('\udca9');
});

test('other halves of characters, which no bytes stand for, become U+FFFD', () => {
  expect(encodeText('\ud800a\udc00')).toEqual(Buffer.from('\ufffda\ufffd'));
  expect(encodeText('\udcff\ud83d\ude00')).toEqual(Buffer.concat([Buffer.of(0xff), Buffer.from('😀')]));
});
