/**
 * A real job with rows of which its operators die, while operators and a worker are killed besides: the result is that of
 * the other rows, and each such row is put aside once.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, scratch, startCli } from '../end-to-end/cli.ts';
import { processesGone, processTree, waitFor } from '../end-to-end/processes.ts';

const ROWS = 12_000;
const RATE = 1_500;
const KILLS = 4;

/** `sed` dies at once; a sum is wanted of what is no number. */
const JOB = `
format: csv
stages:
  - command: [sed, -u, /unreadable/Q3]
    tasks: 2
    contract: restart
    checkpointEvery: 300ms
    onPoison: deadletter
  - operator: sum
    argument: 1/2
    tasks: 2
    checkpointEvery: 300ms
    onPoison: deadletter
`;

const BAD: Readonly<Record<number, string>> = { 0: 'unreadable,1', 2_500: 'k1,much', 5_000: 'unreadable,2', 5_001: 'unreadable,3', 9_000: 'k2,little', [ROWS - 1]: 'unreadable,4' };

interface TaskEntry {
  readonly stage: number;
  readonly index: number;
  readonly pid: number | null;
  readonly worker: string;
  readonly skippedTuples: number;
}

function isBad(row: string): boolean {
  return Object.values(BAD).includes(row);
}

async function tasks(folder: string): Promise<readonly TaskEntry[]> {
  const { status, text } = await runCli(['tasks', '--json'], { cwd: folder });
  return status === 0 ? (JSON.parse(text) as TaskEntry[]) : [];
}

async function killWorker(worker: string, command: number): Promise<boolean> {
  const found = (await processTree(command)).find(({ parent, args }) => parent === command && args.includes(' worker ') && args.includes(` ${worker}`));
  if (found !== undefined) process.kill(found.pid, 'SIGKILL');
  return found !== undefined;
}

async function deadLetters(folder: string): Promise<string[]> {
  const [job = ''] = await readdir(join(folder, '.rainstorm/jobs'));
  const letters = join(folder, '.rainstorm/jobs', job, 'deadletter');
  const files = await Promise.all((await readdir(letters)).map((file) => readFile(join(letters, file), 'utf8')));
  return files.flatMap((text) => text.split('\n').slice(0, -1));
}

test('rows that operators die of are left out, each once, whatever else dies', { timeout: 110_000 }, async () => {
  const rows = Array.from({ length: ROWS }, (_, index) => BAD[index] ?? `k${index % 7},${index}`);
  const text = (from: readonly string[]) => from.map((row) => `${row}\n`).join('');
  const folder = await scratch({ 'in.csv': text(rows), 'good.csv': text(rows.filter((row) => !isBad(row))), 'job.yaml': JOB });
  const job = startCli(['run', 'job.yaml', '--src', 'in.csv', '--dest', 'out', '--rate', String(RATE), '--quiet'], { cwd: folder, limitMs: 100_000 });
  let over = false;
  void job.result.then(() => {
    over = true;
  });
  let killed = 0;
  let lostWorker = false;
  let shown = '';
  for (let turn = 0; !over && (killed < KILLS || !lostWorker || shown === ''); turn++) {
    const victim = await waitFor('an operator to kill', async () => (over ? null : (await tasks(folder)).filter(({ pid }) => pid !== null)[turn % 4]));
    if (victim === null) break;
    if (killed < KILLS && (await runCli(['kill-task', `${victim.stage}-${victim.index}`], { cwd: folder })).status === 0) killed += 1;
    if (killed > 1 && !lostWorker) lostWorker = await killWorker(victim.worker, job.pid);
    if (victim.skippedTuples > 0) shown ||= (await runCli(['tasks'], { cwd: folder })).text;
  }
  const { status, stderr } = await job.result;
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^rainstorm: 6 tuples skipped, of which an operator died each time; see \.rainstorm\/jobs\/\S+\/deadletter\n$/) });
  expect([killed >= 2, lostWorker]).toEqual([true, true]);
  expect(shown.split('\n')[0]).toMatch(/ SKIPPED +LOG$/);
  expect((await deadLetters(folder)).toSorted()).toEqual(Object.values(BAD).toSorted());
  await runCli(['run', 'job.yaml', '--src', 'good.csv', '--dest', 'wanted', '--quiet'], { cwd: folder });
  const lines = async (file: string) => (await readFile(join(folder, file), 'utf8')).split('\n').toSorted();
  expect(await lines('out')).toEqual(await lines('wanted'));
  await processesGone(folder);
});
