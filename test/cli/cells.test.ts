import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, fit, visible, widthOf, wrap } from '../../src/cli/cells.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', 'b c', '水', 'é', 'e\u0301', '👩‍👩‍👧', '…', '\t', '\u001B[31m', '\u202E', ' ') });

describe('visible', () => {
  test('shows what could move the cursor, and leaves the rest', () => {
    expect(visible('a\tb\nc\u001B[31m\u007F\u0085\u202E水é')).toBe('a␉b␊c␛[31m␡\uFFFD\uFFFD水é');
  });

  test('leaves nothing that a terminal acts on, of any text', () => {
    fc.assert(fc.property(anyText, (text) => !/[\p{Cc}\u202A-\u202E]/u.test(visible(text))));
  });
});

describe('cut and fit', () => {
  test('wide characters are never cut in half', () => {
    expect(cut('水水水水', 8)).toBe('水水水水');
    expect(cut('水水水水', 7)).toBe('水水水…');
    expect(cut('水水水水', 6)).toBe('水水…');
    expect(fit('水水水水', 6)).toBe('水水… ');
    expect(fit('12', 5, 'right')).toBe('   12');
  });

  test('fit is exactly as wide as asked, whatever the text', () => {
    fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, width) => widthOf(fit(visible(text), width)) === width));
  });
});

describe('wrap', () => {
  test('between words where it can be', () => {
    expect(wrap('no output; at the end of input', 12)).toEqual(['no output;', 'at the end', 'of input']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('', 4)).toEqual(['']);
  });

  test('no line is too wide, and nothing but spaces is lost', () => {
    fc.assert(fc.property(anyText, fc.integer({ min: 2, max: 30 }), (text, width) => {
      const shown = visible(text);
      const lines = wrap(shown, width);
      expect(lines.join('').replaceAll(' ', '')).toBe(shown.replaceAll(' ', ''));
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }));
  });
});
