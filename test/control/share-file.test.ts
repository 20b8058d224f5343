import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processStartTime } from '../../src/base/process-identity.ts';
import { shareStanding, writeShareFile, type Share } from '../../src/control/share-file.ts';
import { scratch } from '../connect/scratch.ts';

const HERE: Share = { worker: 'a', pid: process.pid, startTime: processStartTime(process.pid), hostname: hostname(), ended: false };
const DEAD: Share = { ...HERE, worker: 'b/1', pid: spawnSync('true').pid, startTime: 'long ago' };

test.each([
  ['unknown, where no worker has said anything', [], 'unknown'],
  ['hosted, while a worker that has not ended its share lives', [DEAD, HERE], 'hosted'],
  ['hosted, where nobody here can tell whether the worker lives', [{ ...DEAD, hostname: 'elsewhere' }], 'hosted'],
  ['left, when each has ended its share, or died', [DEAD, { ...HERE, ended: true }], 'left'],
] as const)('a share of a job is %s', async (_, shares, standing) => {
  const folder = join(await scratch(), 'jobs', 'j');
  for (const share of shares) await writeShareFile(folder, share);
  expect(await shareStanding(folder)).toBe(standing);
});

test('what is half written tells of a worker that lives', async () => {
  const folder = join(await scratch(), 'j');
  await mkdir(folder);
  await writeFile(join(folder, 'worker-a.json'), '{"worker":');
  expect(await shareStanding(folder)).toBe('hosted');
});
