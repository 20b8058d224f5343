/**
 * Real jobs whose operators are killed with SIGKILL again and again while they run. The result must be that of an
 * undisturbed run, byte for byte after sorting, and nothing of ours may be left.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { runCli, scratch, startCli } from '../end-to-end/cli.ts';
import { rows } from '../end-to-end/data.ts';
import { processesGone, waitFor } from '../end-to-end/processes.ts';

const ROWS = 6_000;
const RATE = 1_500;

/** Enough to hit starts, replays and ends; the rest of the job's time is left to finish. */
const KILLS = 6;

interface TaskEntry {
  readonly stage: number;
  readonly index: number;
  readonly pid: number | null;
}

const PIPELINES: readonly { readonly name: string; readonly stages: readonly string[] }[] = [
  { name: 'filter and aggregate', stages: ['--stages', 'filter=completed,aggregate=4:2'] },
  { name: 'filter and transform', stages: ['--stages', 'filter=completed:2,transform=1-3:2'] },
  { name: 'identity', stages: ['--stages', 'identity:3'] },
  { name: 'words and counts', stages: ['--stages', 'flatmap:2,aggregate=line:2'] },
  { name: 'every count on the way, whose order matters', stages: ['--stages', 'filter=completed,running-aggregate=4:2'] },
  { name: 'commands that print at the end', stages: ['-s', 'grep completed', '-s', 'cut -d, -f4', '-s', 'sort | uniq -c @line:2'] },
  { name: 'a command that buffers', stages: ['-s', 'grep completed :2', '-s', 'tr a-z A-Z'] },
  { name: 'a script with state', stages: ['-s', "awk '{ seen += length($0); print seen \":\" $0 }'"] },
];

describe('operators are killed while the job runs, and the result is exact', () => {
  test.each(PIPELINES)('$name', { timeout: 60_000 }, async ({ stages }) => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const folder = await scratch({ 'in.csv': rows(ROWS) });
    await runCli(['run', ...stages, '--src', 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
    const job = startCli(['run', ...stages, '--src', 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--quiet'], { cwd: folder });
    const killed = await killSome(folder, new Random(seed), job.result);
    const { status, stderr } = await job.result;
    expect({ status, stderr: stderr.includes('rainstorm: stage') ? stderr : '' }).toEqual({ status: 0, stderr: '' });
    expect(killed, 'operators were killed').toBeGreaterThan(2);
    expect(sorted(await readFile(join(folder, 'stormy')))).toBe(sorted(await readFile(join(folder, 'calm'))));
    await processesGone(folder);
  });
});

/** Kills running operators, chosen by the seed, one after the other. Gives how many. */
async function killSome(folder: string, random: Random, ended: Promise<unknown>): Promise<number> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  let killed = 0;
  while (!over && killed < KILLS) {
    const running = await waitFor('operators to kill', async () => (over ? [] : await runningTasks(folder)));
    const victim = running[random.below(Math.max(1, running.length))];
    if (victim === undefined) break;
    const { status } = await runCli(['kill-task', `${victim.stage}-${victim.index}`, '--json'], { cwd: folder });
    if (status === 0) killed += 1;
  }
  return killed;
}

/** Undefined as long as none runs. */
async function runningTasks(folder: string): Promise<TaskEntry[] | undefined> {
  const { status, text } = await runCli(['tasks', '--json'], { cwd: folder });
  if (status !== 0) return undefined;
  const running = (JSON.parse(text) as TaskEntry[]).filter(({ pid }) => pid !== null);
  return running.length > 0 ? running : undefined;
}

function sorted(bytes: Buffer): string {
  return bytes.toString('latin1').split('\n').toSorted().join('\n');
}
