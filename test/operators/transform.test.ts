import { stringify } from 'csv-stringify/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepColumns } from '../../operators/lib/keep-columns.ts';
import { applyTo, outputOf } from './harness.ts';

const keep = (columns: readonly number[], text: string) => applyTo(keepColumns(columns), 'csv', [Buffer.from(text)]).toString();

describe('as a process', () => {
  test('keeps columns in the given order, quoted only where they must be', async () => {
    const input = 'a,"b",c\n"x, y","q ""q"" q",5" pipe\n"two\nlines",,z\n';
    expect(await outputOf('transform', ['--format', 'csv', '3,1-2'], input)).toBe('c,a,b\n"5"" pipe","x, y","q ""q"" q"\nz,"two\nlines",\n');
  });

  test('with --header takes names and begins with the header that fits', async () => {
    expect(await outputOf('transform', ['--header', 'price,name'], '\uFEFFname,"unit, long",price\r\nnut,kg,1\r\n')).toBe('price,name\r\n1,nut\r\n');
  });
});

test('columns that are not there are empty', () => {
  expect(keep([2, 4, 1], 'a,b\nc\n\n')).toBe('b,,a\n,,c\n,,\n');
  expect(keep([9], 'a,b\n')).toBe('\n');
});

test('a record that ended in CRLF still does', () => {
  expect(keep([2, 1], 'a,b\r\n"c",d\r\ne,f\n')).toBe('b,a\r\nd,c\r\nf,e\n');
});

test('what stands behind a closing quote belongs to the field', () => {
  expect(keep([1], '"a"b,c\n"a, "b,c\n')).toBe('ab\n"a, b"\n');
});

test('equals csv-stringify on the chosen values', () => {
  const value = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', 'é'), maxLength: 6 });
  const records = fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const columns = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(records, columns, fc.boolean(), (records, columns, quoted) => {
      const expected = stringify(records.map((record) => columns.map((column) => record[column - 1] ?? '')));
      expect(keep(columns, stringify(records, { quoted }))).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});
