/**
 * Real jobs whose workers are killed, frozen or told to end while they run: the job goes on, and its result is that of an
 * undisturbed run.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines, startCli, type RunningCli } from '../end-to-end/cli.ts';
import { startLeader, startWorker } from '../end-to-end/cluster.ts';
import { rows } from '../end-to-end/data.ts';
import { processTree, processesGone, waitFor, type ProcessEntry } from '../end-to-end/processes.ts';

const ROWS = 6_000;
const RATE = 900;

const PIPELINES: readonly { readonly name: string; readonly stages: readonly string[] }[] = [
  { name: 'filter and aggregate', stages: ['--stages', 'filter=completed,aggregate=zone:3'] },
  { name: 'every count on the way, whose order matters', stages: ['--stages', 'filter=completed,running-aggregate=zone:2'] },
  { name: 'commands', stages: ['-s', 'grep completed :2', '-s', 'cut -d, -f4', '-s', 'sort | uniq -c @line:2'] },
];

describe('workers of a command are killed', () => {
  test.each(PIPELINES)('$name', { timeout: 60_000 }, async ({ stages }) => {
    const folder = await calmRun(stages);
    const job = startCli(['run', ...stages, '--src', 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--quiet'], { cwd: folder });
    for (const kills of [1, 2, 3]) await killWorkers(folder, job, 1, kills);
    await killWorkers(folder, job, 2, 4);
    expect(await job.result).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder, 'stormy');
    await processesGone(folder);
  });

  test('part files are each whole, and of this job', { timeout: 60_000 }, async () => {
    const stages = ['--stages', 'filter=completed:3'];
    const folder = await calmRun(stages);
    const job = startCli(['run', ...stages, '--src', 'in.csv', '--dest', 'parts/', '--rate', String(RATE), '--quiet'], { cwd: folder });
    await killWorkers(folder, job, 2, 1);
    await killWorkers(folder, job, 1, 2);
    expect(await job.result).toMatchObject({ status: 0, stderr: '' });
    const names = await readdir(join(folder, 'parts'));
    expect(names.toSorted()).toEqual(['_SUCCESS', 'part-00000', 'part-00001', 'part-00002']);
    const parts = await Promise.all(names.map((name) => readFile(join(folder, 'parts', name))));
    expect(sortedLines(Buffer.concat(parts))).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
  });

  test('what goes to stdout is exact as well', { timeout: 60_000 }, async () => {
    const stages = ['--stages', 'filter=completed:2,transform=1-3:2'];
    const folder = await calmRun(stages);
    const job = startCli(['run', ...stages, '--src', 'in.csv', '--rate', String(RATE), '--quiet'], { cwd: folder });
    job.stdout.resume();
    await killWorkers(folder, job, 1, 1);
    await killWorkers(folder, job, 1, 2);
    const { status, stdout } = await job.result;
    expect(status).toBe(0);
    expect(sortedLines(stdout)).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
  });

  test('where nothing is kept, the job fails and says why', { timeout: 60_000 }, async () => {
    const folder = await scratch({ 'in.csv': rows(ROWS) });
    const job = startCli(['run', '--delivery', 'best-effort', '--stages', 'identity:2', '--src', 'in.csv', '--dest', 'out', '--rate', String(RATE), '--quiet'], { cwd: folder });
    await killWorkers(folder, job, 1, 1);
    const { status, stderr } = await job.result;
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/worker w\d died of SIGKILL; it hosted task .*best-effort nothing is kept/s);
    expect((await readdir(folder)).toSorted()).toEqual(['.rainstorm', 'in.csv']);
    await processesGone(folder);
  });
});

describe('workers started by hand', () => {
  test.each([
    { how: 'killed', signal: 'SIGKILL' },
    { how: 'told to end', signal: 'SIGTERM' },
    { how: 'frozen until they are given up', signal: 'SIGSTOP' },
  ] as const)('one that is $how leaves its tasks to the others', { timeout: 60_000 }, async ({ signal }) => {
    const stages = ['--stages', 'filter=completed:2,running-aggregate=zone:2'];
    const folder = await calmRun(stages);
    const leader = await startLeader(folder);
    const workers = [await startWorker(folder, leader, 'a'), await startWorker(folder, leader, 'b'), await startWorker(folder, leader, 'c')];
    const job = startCli(['run', '--leader', leader.url, ...stages, '--src', 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--workers', '3', '--quiet'], {
      cwd: folder,
      env: { RAINSTORM_TOKEN: leader.token },
    });
    const log = join(leader.dataDir, 'logs', 'leader.log');
    await waitFor('the start of the job', async () => ((await readFile(log, 'utf8')).includes(' RATE ') ? true : undefined));
    workers[0]?.kill(signal);
    await waitFor('the tasks to be placed again', async () => (/ PLACE .* on [bc]/.test(await readFile(log, 'utf8')) ? true : undefined));
    expect(await job.result).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder, 'stormy');
  });

  test('another process may take the name of one that was killed', { timeout: 60_000 }, async () => {
    const stages = ['--stages', 'filter=completed:2,aggregate=zone:2'];
    const folder = await calmRun(stages);
    const leader = await startLeader(folder);
    const [first] = [await startWorker(folder, leader, 'a'), await startWorker(folder, leader, 'b')];
    const job = startCli(['run', '--leader', leader.url, ...stages, '--src', 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--workers', '2', '--quiet'], {
      cwd: folder,
      env: { RAINSTORM_TOKEN: leader.token },
    });
    const log = join(leader.dataDir, 'logs', 'leader.log');
    await waitFor('the start of the job', async () => ((await readFile(log, 'utf8')).includes(' RATE ') ? true : undefined));
    first.kill('SIGKILL');
    await first.result;
    await startWorker(folder, leader, 'a', ['--data-dir', join(folder, 'another')]);
    expect(await job.result).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder, 'stormy');
  });
});

/** A folder with `in.csv` and, in `calm`, what a run makes of it in which nothing is killed. */
async function calmRun(stages: readonly string[]): Promise<string> {
  const folder = await scratch({ 'in.csv': rows(ROWS) });
  await runCli(['run', ...stages, '--src', 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
  return folder;
}

async function expectSameResult(folder: string, name: string): Promise<void> {
  expect(sortedLines(await readFile(join(folder, name)))).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
}

/** Kills `count` workers at once, as soon as the command has placed tasks on workers for the `placement`th time. */
async function killWorkers(folder: string, job: RunningCli, count: number, placement: number): Promise<void> {
  await waitFor(`placement ${placement}`, async () => ((await placements(folder, job)) >= placement ? true : undefined));
  const workers = await waitFor(`${count} workers`, async () => {
    const found = await workersOf(job);
    return found.length >= count ? found : undefined;
  });
  for (const { pid } of workers.slice(0, count)) process.kill(pid, 'SIGKILL');
}

/** How often tasks were placed: at the start, and after each loss. */
async function placements(folder: string, job: RunningCli): Promise<number> {
  const [command] = await processTree(job.pid);
  if (command === undefined) throw new Error('the command has ended before its workers were killed');
  const log = join(folder, '.rainstorm', 'logs', 'leader.log');
  const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n');
  const started = lines.findLastIndex((line) => / START leader /.test(line) && line.includes(`pid=${job.pid} `));
  return started === -1 ? 0 : lines.slice(started).filter((line) => / (START job=|PLACE )/.test(line)).length;
}

async function workersOf(job: RunningCli): Promise<ProcessEntry[]> {
  return (await processTree(job.pid)).filter(({ parent, args }) => parent === job.pid && args.includes(' worker '));
}
