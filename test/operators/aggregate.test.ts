import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { countAtEnd } from '../../operators/lib/counts.ts';
import { generateRows } from '../../src/job/generate-rows.ts';
import { applyTo, outputOf } from './harness.ts';

describe('as a process', () => {
  test('counts the first column by default, equal values together whether quoted or not', async () => {
    expect(await outputOf('aggregate', [], 'b,1\n"a",2\na,3\n"a""x",4\n"b, c",5\n5" pipe,6\n')).toBe('"5"" pipe",1\na,2\n"a""x",1\nb,1\n"b, c",1\n');
  });

  test('equals a count by csv-parse', async () => {
    const rows = Buffer.concat([...generateRows(20_000, 9)]);
    const records: string[][] = parse(rows, { relax_quotes: true, from: 2 });
    const groups = Map.groupBy(records, (record) => record[2] ?? '');
    const expected = new Map([...groups].map(([key, group]) => [key, String(group.length)]));
    const output = await outputOf('aggregate', ['--format', 'csv', '--header', 'station'], rows);
    const [header, ...counted]: string[][] = parse(Buffer.from(output, 'latin1'));
    expect(header).toEqual(['station', 'count']);
    expect(new Map(counted.map(([key = '', count = '']) => [key, count]))).toEqual(expected);
  });

  test('by line counts whole tuples, each written as one field', async () => {
    expect(await outputOf('aggregate', ['line'], 'the\na,b\nthe\n"q"\n\na,b')).toBe(',1\n"""q""",1\n"a,b",2\nthe,2\n');
  });

  test('an empty input has no rows', async () => {
    expect(await outputOf('aggregate', [], '')).toBe('');
  });
});

test('keys come in byte order, and those that are not UTF-8 stay different', () => {
  const input = Buffer.from('\xff\n\xfe\n\xc3\xa9\n\xf0\x9f\x98\x80\n\xef\xbf\xbd\nb\nB\n\xff\n', 'latin1');
  const output = applyTo(countAtEnd({ kind: 'line' }), 'lines', [input]).toString('latin1');
  expect(output).toBe('B,1\nb,1\n\xc3\xa9,1\n\xef\xbf\xbd,1\n\xf0\x9f\x98\x80,1\n\xfe,1\n\xff,2\n');
});

test('a column that is not there is the empty key, and the last column has no CR', () => {
  const output = applyTo(countAtEnd({ kind: 'column', column: 2 }), 'csv', [Buffer.from('a\na,\na,x\r\na,"x"\r\na,x\n')]).toString();
  expect(output).toBe(',2\nx,3\n');
});

test('a great many keys', () => {
  const keys = Array.from({ length: 50_000 }, (_, i) => `key ${i * 7919}`);
  const output = applyTo(countAtEnd({ kind: 'line' }), 'lines', [Buffer.from(keys.map((key) => `${key}\n`).join(''))]).toString();
  expect(output).toBe(keys.sort().map((key) => `${key},1\n`).join(''));
});
