/** A real job whose operator is frozen for good: it shows, and where the stage says so the job goes on to its exact result. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, scratch, startCli } from '../end-to-end/cli.ts';
import { rows } from '../end-to-end/data.ts';
import { processesGone, waitFor } from '../end-to-end/processes.ts';

const JOB = (onStall: string) => `
stages:
  - { command: "cut -d, -f4", stallTimeout: 500ms, onStall: ${onStall} }
  - { command: "tr a-z A-Z", contract: restart }
`;

/** More than windows and pipes hold, so that it comes to a stop behind the operator. */
const ROWS = 60_000;

interface TaskEntry {
  readonly state: string;
  readonly pid: number | null;
}

async function firstTask(folder: string): Promise<TaskEntry | undefined> {
  const { status, text } = await runCli(['tasks', '--json'], { cwd: folder });
  return status === 0 ? (JSON.parse(text) as TaskEntry[])[0] : undefined;
}

async function freeze(folder: string): Promise<number> {
  const pid = await waitFor('an operator', async () => (await firstTask(folder))?.pid ?? undefined);
  process.kill(pid, 'SIGSTOP');
  return pid;
}

test('a frozen operator is shown as stalled, and no longer when it goes on', { timeout: 60_000 }, async () => {
  const folder = await scratch({ 'in.csv': rows(ROWS), 'job.yaml': JOB('report') });
  const job = startCli(['run', 'job.yaml', '--src', 'in.csv', '--dest', 'out', '--rate', '20000', '--quiet'], { cwd: folder });
  const pid = await freeze(folder);
  await waitFor('a stalled task', async () => ((await firstTask(folder))?.state === 'stalled' ? true : undefined));
  process.kill(pid, 'SIGCONT');
  expect((await job.result).status).toBe(0);
  expect((await runCli(['logs', '1-0', '--grep', 'STALLED|goes on'], { cwd: folder })).text).toMatch(/ STALLED attempt=1 .* NOTE the operator goes on/s);
});

test('a frozen operator is killed and started again where its stage says so, and the result is exact', { timeout: 60_000 }, async () => {
  const folder = await scratch({ 'in.csv': rows(ROWS), 'job.yaml': JOB('restart') });
  await runCli(['run', 'job.yaml', '--src', 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
  const job = startCli(['run', 'job.yaml', '--src', 'in.csv', '--dest', 'out', '--rate', '20000', '--quiet'], { cwd: folder });
  await freeze(folder);
  const { status, stderr } = await job.result;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect((await runCli(['logs', '1-0', '--grep', 'STALLED|KILLED|RESTART'], { cwd: folder })).text).toMatch(/STALLED .*KILLED .*RESTART /s);
  expect((await readFile(join(folder, 'out'))).equals(await readFile(join(folder, 'calm')))).toBe(true);
  await processesGone(folder);
});
