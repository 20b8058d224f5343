/**
 * Operators that are started again and again leave nothing behind in their worker: no descriptor, no memory. Linux only.
 * RAINSTORM_TEST_LONG makes it five hundred restarts.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { errnoOf } from '../../src/base/errors.ts';
import { runCli, scratch, startCli } from '../end-to-end/cli.ts';
import { writeRows } from '../end-to-end/data.ts';
import { processTree, processesGone } from '../end-to-end/processes.ts';

const IS_LONG = Number(process.env['RAINSTORM_TEST_LONG'] ?? 0) > 0;
const RESTARTS = IS_LONG ? 500 : 40;
const KILL_EVERY_MS = 150;
const RATE = 4_000;

/** Operators on their way in and out, and connections for control. */
const SPARE_DESCRIPTORS = 12;
const SPARE_BYTES = 96 * 1024 * 1024;

const LOOK_MS = 50;

interface Sample {
  readonly descriptors: number;
  readonly bytes: number;
}

test.skipIf(process.platform !== 'linux')(`${RESTARTS} restarts leave no descriptor open and no memory behind`, { timeout: 400_000 }, async () => {
  const folder = await scratch();
  await writeRows(join(folder, 'in.csv'), Math.ceil((RESTARTS * KILL_EVERY_MS * 1.2 * RATE) / 1000));
  // For as long as it takes: the command is ended by the test, not by its limit.
  const job = startCli([
    'run', '--stages', 'filter=completed:2,running-aggregate=zone:2', '--src', 'in.csv', '--dest', 'out', '--workers', '1',
    '--rate', String(RATE), '--chaos', `tasks:${KILL_EVERY_MS}ms`, '--quiet',
  ], { cwd: folder, limitMs: 380_000 });
  const samples = await watchWorker(job.pid, job.result);
  expect(await job.result).toMatchObject({ status: 0 });
  const restarts = await countRestarts(folder);
  const [early, late] = [samples.slice(0, samples.length >> 2), samples.slice(-(samples.length >> 2))];
  const most = (of: readonly Sample[], key: keyof Sample) => Math.max(...of.map((sample) => sample[key]));
  console.log(`LEAKS ${restarts} restarts: descriptors ${most(early, 'descriptors')}..${most(late, 'descriptors')}, resident ${most(early, 'bytes') >> 20}..${most(late, 'bytes') >> 20} MB`);
  expect(restarts).toBeGreaterThan(RESTARTS / 3);
  expect(most(late, 'descriptors')).toBeLessThanOrEqual(most(early, 'descriptors') + SPARE_DESCRIPTORS);
  expect(most(late, 'bytes')).toBeLessThanOrEqual(most(early, 'bytes') + SPARE_BYTES);
  await processesGone(folder);
});

/** What the worker holds, again and again, until the command has ended. */
async function watchWorker(command: number, ended: Promise<unknown>): Promise<Sample[]> {
  const samples: Sample[] = [];
  let over = false;
  void ended.then(() => (over = true));
  let worker: number | undefined;
  while (!over) {
    worker ??= (await processTree(command)).find(({ parent, args }) => parent === command && args.includes(' worker '))?.pid;
    if (worker !== undefined) samples.push(...(await sample(worker)));
    await pause(LOOK_MS);
  }
  return samples;
}

/** Empty when it has just ended. */
async function sample(pid: number): Promise<Sample[]> {
  try {
    const [descriptors, status] = await Promise.all([readdir(`/proc/${pid}/fd`), readFile(`/proc/${pid}/status`, 'utf8')]);
    return [{ descriptors: descriptors.length, bytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024 }];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}

async function countRestarts(folder: string): Promise<number> {
  const { text } = await runCli(['logs', '--grep', ' RESTART '], { cwd: folder });
  return text.split('\n').filter((line) => line.includes(' RESTART ')).length;
}
