import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFileName, encodeFileName } from '../../src/log/file-name.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => Buffer.byteLength(text) * 3 <= 200);

test('any text comes back from its file name, which ignores case and hides nothing', () => {
  fc.assert(
    fc.property(name, (text) => {
      const encoded = encodeFileName(text);
      expect(encoded).toMatch(/^[a-z0-9_%-][a-z0-9_.%-]*$/);
      expect(decodeFileName(encoded)).toBe(text);
    }),
  );
});

test('names of ordinary tasks stay readable', () => {
  expect(encodeFileName('filter-0')).toBe('filter-0');
  expect(encodeFileName('job 7/filter.0')).toBe('job%207%2ffilter.0');
});

test('names that are empty or too long are bugs; other files are no logs', () => {
  for (const text of ['', 'x'.repeat(201), '雨'.repeat(23)]) expect(() => encodeFileName(text)).toThrow('1 to 200 bytes');
  for (const file of ['.draft-1', 'lost+found', 'A', '%4', '%ZZ', '']) expect(decodeFileName(file)).toBeUndefined();
});
