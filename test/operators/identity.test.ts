import { expect, test } from 'vitest';
import { generateRows } from '../../src/job/generate-rows.ts';
import { outputOf } from './harness.ts';

test('every byte comes as it came', async () => {
  const rows = Buffer.concat([Buffer.from([0, 13, 10, 0xff, 10]), ...generateRows(20_000, 1)]);
  expect(Buffer.from(await outputOf('identity', [], rows), 'latin1').equals(rows)).toBe(true);
});

test('a last line without newline is completed', async () => {
  expect(await outputOf('identity', [], 'a\nb')).toBe('a\nb\n');
});
