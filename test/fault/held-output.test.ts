/**
 * A real job whose program prints something else each time it is started, killed again and again, a worker too: under
 * `release: committed` every tuple comes once, from one start of the program or another, and nothing diverges.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, scratch, startCli } from '../end-to-end/cli.ts';
import { rows } from '../end-to-end/data.ts';
import { processesGone, processTree, waitFor } from '../end-to-end/processes.ts';

const ROWS = 9_000;
const RATE = 1_500;
const KILLS = 5;

const JOB = `
stages:
  - command: awk -v pid=$$ 'BEGIN { srand(pid) } { print $0 "," pid "," rand() }'
    tasks: 2
    contract: restart
    release: committed
    checkpointEvery: 200ms
  - command: tr a-z A-Z
    contract: restart
`;

interface TaskEntry {
  readonly stage: number;
  readonly index: number;
  readonly attempt: number;
  readonly pid: number | null;
  readonly worker: string;
}

/** Gives how many were killed: one, unless it was gone already. */
async function killWorkerOf(worker: string, command: number): Promise<number> {
  const found = (await processTree(command)).find(({ parent, args }) => parent === command && args.includes(' worker ') && args.includes(` ${worker}`));
  if (found === undefined) return 0;
  process.kill(found.pid, 'SIGKILL');
  return 1;
}

async function victims(folder: string): Promise<readonly TaskEntry[]> {
  const { status, text } = await runCli(['tasks', '--json'], { cwd: folder });
  return status === 0 ? (JSON.parse(text) as TaskEntry[]).filter(({ stage, pid }) => stage === 1 && pid !== null) : [];
}

test('every tuple of a program of chance comes exactly once though it is killed', { timeout: 60_000 }, async () => {
  const folder = await scratch({ 'in.csv': rows(ROWS), 'job.yaml': JOB });
  const job = startCli(['run', 'job.yaml', '--src', 'in.csv', '--dest', 'out', '--rate', String(RATE), '--quiet'], { cwd: folder });
  let over = false;
  void job.result.then(() => {
    over = true;
  });
  let killed = 0;
  let lostWorkers = 0;
  for (let turn = 0; !over && killed < KILLS; turn++) {
    const victim = await waitFor('an operator to kill', async () => (over ? null : (await victims(folder))[turn % 2]));
    if (victim === null) break;
    if ((await runCli(['kill-task', `${victim.stage}-${victim.index}`], { cwd: folder })).status === 0) killed += 1;
    if (killed === 3 && lostWorkers === 0) lostWorkers = await killWorkerOf(victim.worker, job.pid);
  }
  const { status, stderr } = await job.result;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(killed, 'operators were killed').toBeGreaterThan(2);
  expect(lostWorkers).toBe(1);
  const lines = (await readFile(join(folder, 'out'), 'latin1')).split('\n').slice(0, -1);
  const source = (await readFile(join(folder, 'in.csv'), 'latin1')).toUpperCase().split('\n').slice(0, -1);
  expect(lines.map((line) => line.replace(/,\d+,[^,]*$/, '')).toSorted()).toEqual(source.toSorted());
  expect(new Set(lines.map((line) => line.split(',').at(-2))).size, 'starts of the program').toBeGreaterThan(2);
  await processesGone(folder);
});
