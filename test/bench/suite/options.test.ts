import { expect, test } from 'vitest';
import { parseOptions } from '../../../bench/suite/options.ts';

test('without flags the whole benchmark runs, and nothing more', () => {
  expect(parseOptions([])).toEqual({
    rows: 5_000_000, rounds: 7, only: undefined, json: undefined, baseline: undefined,
    latency: false, latencySeconds: 10, scaling: false, memory: false,
  });
});

test('every flag is read', () => {
  const args = '--rows 10 --rounds 2 --only a,b --json j --baseline k --latency --latency-seconds 3 --scaling --memory'.split(' ');
  expect(parseOptions(args)).toEqual({ rows: 10, rounds: 2, only: ['a', 'b'], json: 'j', baseline: 'k', latency: true, latencySeconds: 3, scaling: true, memory: true });
});

test.each(['0', '-1', '1.5', 'many', '1e6', ''])('%j is no number of rows', (text) => {
  expect(() => parseOptions([`--rows=${text}`])).toThrow('a whole number above 0 is wanted');
});

test('an unknown flag is refused', () => {
  expect(() => parseOptions(['--scalling'])).toThrow('--scalling');
});
