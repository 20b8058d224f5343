import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldSpan, fieldValue, fieldsOf, locateField, quoteField } from '../../src/job/csv-field.ts';
import { csvText } from './csv-samples.ts';

function fields(record: string): string[] {
  const bytes = Buffer.from(record);
  return fieldsOf(bytes, 0, bytes.length).map(String);
}

/** The value that `locateField` finds, in the middle of other bytes. */
function field(record: string, column: number): string | undefined {
  const before = '"x,\n';
  const bytes = Buffer.from(`${before}${record}"y,z\n`);
  const span = fieldSpan();
  const end = before.length + Buffer.byteLength(record);
  const there = locateField(bytes, before.length, end, column, span);
  expect(fieldValue(bytes, span).length === 0 || there).toBe(true);
  return there ? fieldValue(bytes, span).toString() : undefined;
}

describe('the value of a field', () => {
  test.each([
    ['a,b,c\n', 2, 'b'],
    ['a,b,c\n', 3, 'c'],
    ['a,b,c', 3, 'c'],
    ['a,b\r\n', 2, 'b'],
    ['a,"b"\r\n', 2, 'b'],
    ['a,b\r', 2, 'b\r'],
    ['"abc",x\n', 1, 'abc'],
    ['"a""b",x\n', 1, 'a"b'],
    ['"a,b",x\n', 2, 'x'],
    ['"a\nb",x\n', 1, 'a\nb'],
    ['5" pipe,x\n', 1, '5" pipe'],
    ['"abc"def,x\n', 1, 'abcdef'],
    ['"abc"d"e"",x\n', 1, 'abcd"e""'],
    ['"",x\n', 1, ''],
    ['"""",x\n', 1, '"'],
    [',x\n', 1, ''],
    ['x,\n', 2, ''],
    ['\n', 1, ''],
    ['', 1, ''],
  ])('of %j, column %i, is %j', (record, column, value) => {
    expect(field(record, column)).toBe(value);
  });

  test('of a column that is not there is empty', () => {
    expect(field('a,b\n', 3)).toBeUndefined();
    expect(field('\n', 2)).toBeUndefined();
    expect(field('a,"b,c"\n', 3)).toBeUndefined();
  });

  test('where a quote is never closed is the plain text up to the comma', () => {
    expect(fields('"ab,c\n')).toEqual(['"ab', 'c']);
    expect(fields('a,"b""c,d\n')).toEqual(['a', '"b""c', 'd']);
    expect(fields('"\n')).toEqual(['"']);
  });

  test('is its bytes: NUL and invalid UTF-8 pass unchanged', () => {
    const record = Buffer.from([0x61, 0x2c, 0x00, 0xff, 0x2c, 0x22, 0xc3, 0x22, 0x22, 0x22, 0x0a]);
    expect(fieldsOf(record, 0, record.length)).toEqual([Buffer.from('a'), Buffer.from([0, 0xff]), Buffer.from([0xc3, 0x22])]);
  });

  test('is found by number as in the list of all', () => {
    fc.assert(
      fc.property(csvText, fc.integer({ min: 1, max: 8 }), (record, column) => {
        expect(field(`${record}\n`, column)).toBe(fields(`${record}\n`)[column - 1]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('beside other programs', () => {
  const value = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', 'é', '😀', '\0'), maxLength: 8 });
  const values = fc.array(value, { minLength: 1, maxLength: 5 });

  test('fields are quoted exactly as csv-stringify quotes them', () => {
    fc.assert(
      fc.property(values, (record) => {
        const written = record.map((text) => quoteField(Buffer.from(text)).toString()).join(',');
        expect(`${written}\n`).toBe(stringify([record]));
      }),
      { numRuns: 2_000 },
    );
  });

  test('what csv-stringify writes comes back', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (record, quoted) => {
        expect(fields(stringify([record], { quoted }))).toEqual(record);
      }),
      { numRuns: 2_000 },
    );
  });

  test('well-formed records have the fields that csv-parse finds', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '\t'), maxLength: 4 });
    const quoteInside = plain.map((text) => `a${text}"${text}`);
    const quoted = value.map((text) => `"${text.replaceAll('"', '""')}"`);
    const record = fc.array(fc.oneof(plain, quoteInside, quoted), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(record, fc.constantFrom('\n', '\r\n'), (parts, ending) => {
        const text = parts.join(',') + ending;
        expect(fields(text)).toEqual(parse(text, { relax_quotes: true, record_delimiter: ending })[0]);
      }),
      { numRuns: 2_000 },
    );
  });
});
