import { expect, test } from 'vitest';
import { parseByteSize } from '../../src/job/byte-size.ts';
import { failureOf } from './failure.ts';

test.each([
  ['0', 0], ['1048576', 1048576], ['1B', 1], ['64MiB', 64 * 2 ** 20], [' 64 mib ', 64 * 2 ** 20], ['512K', 512 * 1024], ['1kB', 1000], ['1.5 GB', 1.5e9], ['2G', 2 ** 31],
])('%j is %i bytes', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

test.each(['', 'MiB', '-1', '1e3', '1 stone', '1.', '99999999999G'])('%j is refused', (text) => {
  expect(failureOf(() => parseByteSize(text))).toBe(`USAGE "${text}" is no size\n> Give a number of bytes, or one with a unit: 64MiB, 512K, 1.5GB.`);
});
