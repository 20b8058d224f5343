import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { generateRows } from '../../src/job/generate-rows.ts';

const rowsOf = (count: number, seed: number) => Buffer.concat([...generateRows(count, seed)]);

test('the same seed gives the same bytes, another seed others', () => {
  expect(rowsOf(1_000, 7).equals(rowsOf(1_000, 7))).toBe(true);
  expect(rowsOf(1_000, 7).equals(rowsOf(1_000, 8))).toBe(false);
});

test('more rows begin with the same ones', () => {
  const few = rowsOf(100, 1);
  expect(rowsOf(1_000, 1).subarray(0, few.length).equals(few)).toBe(true);
});

test('the example is what seed 1 gives', async () => {
  const example = await readFile(new URL('../../examples/trips.csv', import.meta.url));
  expect(example.equals(rowsOf(2_000, 1))).toBe(true);
});

test('no rows are a header alone', () => {
  expect(rowsOf(0, 1).toString()).toBe('trip,started,station,zone,bike,minutes,km,fare,status\n');
});

test('chunks are whole rows of about 64 KiB', () => {
  const chunks = [...generateRows(3_000, 1)];
  expect(chunks.length).toBeGreaterThan(2);
  for (const chunk of chunks) expect(chunk.at(-1)).toBe(10);
  for (const chunk of chunks.slice(0, -1)) expect(Math.abs(chunk.length - 64 * 1024)).toBeLessThan(1024);
});

test('rows are CSV with nine columns, quoted fields, skewed zones and plain decimals', () => {
  const rows: Record<string, string>[] = parse(rowsOf(5_000, 2), { columns: true, relax_quotes: true });
  expect(rows).toHaveLength(5_000);
  const zones = Map.groupBy(rows, (row) => row['zone']);
  expect(zones.size).toBe(12);
  expect(zones.get('Old Town')?.length).toBeGreaterThan(10 * (zones.get('Airport')?.length ?? Infinity));
  expect(rows.some((row) => row['station'] === 'Gate 7, "Blue" car park')).toBe(true);
  for (const row of rows) {
    expect(Object.keys(row)).toHaveLength(9);
    expect(row['fare']).toMatch(/^\d+\.\d\d$/);
    expect(row['started']).toMatch(/^2025-\d\d-\d\d \d\d:\d\d:\d\d$/);
  }
});
