import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatExact, formatPercent, formatTime, formatWait } from '../../web/src/format.ts';

test.each([[0, '0'], [7, '7'], [7.25, '7.3'], [431.4, '431'], [999.4, '999'], [999.6, '1.0k'], [12_440, '12.4k'], [182_000, '182k'], [999_600, '1.0M'], [3_140_000_000_000, '3.1T']])('a count of %d is %s', (value, text) => {
  expect(formatCount(value)).toBe(text);
});

test.each([[0, '0 B'], [999, '999 B'], [1_000, '1.0 kB'], [38_000_000, '38.0 MB'], [8_400_000_000, '8.4 GB']])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([[-5, '0.0 s'], [420, '0.4 s'], [12_900, '12 s'], [185_000, '3 min 05 s'], [7_860_000, '2 h 11 min'], [356_400_000, '4 d 3 h']])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('what is waited for is told in whole seconds', () => {
  expect([formatWait(-1), formatWait(1_999), formatWait(75_000)]).toEqual(['0 s', '1 s', '1 min 15 s']);
});

test('an exact number has all its digits, in groups', () => {
  expect(formatExact(1_080_000).replaceAll(/\s/g, ' ')).toBe('1 080 000');
});

test('a share of more than all is said as it is', () => {
  expect(formatPercent(1.276)).toBe('128 %');
});

test('a time of another day has its date', () => {
  const at = new Date(2026, 2, 9, 4, 5, 6).getTime();
  expect(formatTime(at, at + 1_000)).toBe('04:05:06');
  expect(formatTime(at, at + 86_400_000)).toBe('2026-03-09 04:05:06');
});
