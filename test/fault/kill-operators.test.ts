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

interface Pipeline {
  readonly name: string;
  readonly stages: readonly string[];
  /** A job file, which `stages` name as job.yaml. */
  readonly file?: string;
}

const COUNT = join(import.meta.dirname, '../task/fixtures/running-count.py');

const RESTART = `
stages:
  - { command: grep completed, tasks: 2, contract: restart, checkpointEvery: 100ms }
  - { command: [tr, a-z, A-Z], contract: restart, checkpointEvery: 16KiB }
`;

const FOLD = `
stages:
  - { command: "cut -d, -f4 | tr A-Z a-z", contract: restart, checkpointEvery: 200ms }
  - command: awk '{ n[$1] += $2 + ($2 == "") } END { for (word in n) print word, n[word] }' | sort
    key: 1
    tasks: 2
    contract: fold
    checkpointEvery: 100ms
`;

const SNAPSHOT = `
stages:
  - { command: "cut -d, -f4", contract: restart, checkpointEvery: 200ms }
  - { command: [python3, "${COUNT}"], key: line, tasks: 2, contract: snapshot, checkpointEvery: 100ms }
`;

const PIPELINES: readonly Pipeline[] = [
  { name: 'filter and aggregate', stages: ['--stages', 'filter=completed,aggregate=4:2'] },
  { name: 'filter and transform', stages: ['--stages', 'filter=completed:2,transform=1-3:2'] },
  { name: 'identity', stages: ['--stages', 'identity:3'] },
  { name: 'words and counts', stages: ['--stages', 'flatmap:2,aggregate=line:2'] },
  { name: 'every count on the way, whose order matters', stages: ['--stages', 'filter=completed,running-aggregate=4:2'] },
  { name: 'commands that print at the end', stages: ['-s', 'grep completed', '-s', 'cut -d, -f4', '-s', 'sort | uniq -c @line:2'] },
  { name: 'a command that buffers', stages: ['-s', 'grep completed :2', '-s', 'tr a-z A-Z'] },
  { name: 'commands that are cut', stages: ['job.yaml'], file: RESTART },
  { name: 'a count that is folded', stages: ['job.yaml'], file: FOLD },
  { name: 'a count that hands out its state', stages: ['job.yaml'], file: SNAPSHOT },
  { name: 'a script with state', stages: ['-s', "awk '{ seen += length($0); print seen \":\" $0 }'"] },
];

describe('operators are killed while the job runs, and the result is exact', () => {
  test.each(PIPELINES)('$name', { timeout: 60_000 }, async ({ stages, file }) => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const folder = await scratch({ 'in.csv': rows(ROWS), ...(file === undefined ? {} : { 'job.yaml': file }) });
    await runCli(['run', ...stages, '--src', 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
    const job = startCli(['run', ...stages, '--src', 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--quiet'], { cwd: folder });
    const killed = await killSome(folder, new Random(seed), job.result);
    const { status, stderr } = await job.result;
    expect({ status, stderr: stderr.includes('rainstorm: stage') ? stderr : '' }).toEqual({ status: 0, stderr: '' });
    expect(killed, 'operators were killed').toBeGreaterThan(1);
    expect(sorted(await readFile(join(folder, 'stormy')))).toBe(sorted(await readFile(join(folder, 'calm'))));
    if (file !== undefined) expect((await runCli(['logs', '--grep', ' CHECKPOINT '], { cwd: folder })).text, 'checkpoints were made').toContain(' CHECKPOINT ');
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
