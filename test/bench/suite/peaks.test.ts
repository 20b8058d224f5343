import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { peaksOf } from '../../../bench/suite/peaks.ts';

const HELD_BYTES = 64 * 2 ** 20;

/** Long enough to be looked at many times. */
const HOLD_MS = 500;

const HOLD = `const held = Buffer.alloc(${HELD_BYTES}, 1); setTimeout(() => process.exit(held[0] - 1), ${HOLD_MS});`;

test.skipIf(process.platform !== 'linux')('the peak of every process below a program is found, the largest first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-peaks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'hold.js'), HOLD);
  const peaks = await peaksOf(['sh', '-c', `"${process.execPath}" hold.js; true`], folder);
  expect(peaks.map((peak) => peak.process)).toEqual(['operator hold', 'sh']);
  expect(peaks[0]?.bytes).toBeGreaterThan(HELD_BYTES);
  expect(peaks[1]?.bytes).toBeLessThan(HELD_BYTES);
});

test('a program that fails is an error', async () => {
  await expect(peaksOf(['sh', '-c', 'exit 3'], tmpdir())).rejects.toThrow('sh -c exit 3 ended with status 3');
});
