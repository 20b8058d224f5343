import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scalingCounts, scalingOf, scalingTable } from '../../../bench/suite/scaling.ts';

test('the given number of rows takes its place among the usual sizes, once', () => {
  expect(scalingCounts(5_000_000)).toEqual([10, 1_000, 100_000, 1_000_000, 5_000_000]);
  expect(scalingCounts(300_000)).toEqual([10, 1_000, 100_000, 300_000, 1_000_000]);
  expect(scalingCounts(1_000)).toEqual([10, 1_000, 100_000, 1_000_000]);
  expect(scalingCounts(3)).toEqual([3, 10, 1_000, 100_000, 1_000_000]);
});

test('a start and a cost per row that do not change show as that cost at every size', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 100, max: 2_000 }), fc.integer({ min: 1, max: 50 }), (rows, startMs, microsPerRow) => {
    const [smallest, ...others] = scalingOf(scalingCounts(rows).map((count) => ({ rows: count, ms: startMs + (count * microsPerRow) / 1000 })));
    expect(smallest?.microsPerRow).toBeUndefined();
    expect(others.length).toBeGreaterThan(0);
    for (const one of others) expect(one.microsPerRow).toBeCloseTo(microsPerRow, 3);
  }));
});

test('the table leaves the cost of the smallest job empty', () => {
  expect(scalingTable(scalingOf([{ rows: 10, ms: 600.4 }, { rows: 1_000_010, ms: 1600.4 }]))).toEqual([
    '| rows | ms | µs per row over the smallest job |',
    '| --- | --- | --- |',
    '| 10 | 600 |  |',
    '| 1000010 | 1600 | 1.000 |',
  ]);
});
