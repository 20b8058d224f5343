import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, quantile } from '../../../bench/suite/statistics.ts';

const figures = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 200 });

test('the median is the middle value, or the mean of the two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 10, 2])).toBe(3);
  expect(median([])).toBeUndefined();
});

test('as many values are below the median as above it', () => {
  fc.assert(fc.property(figures, (values) => {
    const middle = median(values) ?? Number.NaN;
    const half = values.length / 2;
    expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(half);
    expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(half);
  }));
});

test('a quantile is one of the values, and its share of them is not above it', () => {
  fc.assert(fc.property(figures, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
    const found = quantile(values.toSorted((a, b) => a - b), share);
    expect(values).toContain(found);
    expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(Math.floor(values.length * share));
    expect(values.filter((value) => value < found).length).toBeLessThanOrEqual(values.length * share);
  }));
});

test('the quantile of nothing is refused', () => {
  expect(() => quantile([], 0.5)).toThrow('no values have no quantile');
});
