/**
 * Real jobs that read what can be read only once, and whose processes are killed: once the journal has the end of the input,
 * they go on to the exact result; before that, they say that they cannot.
 */
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines, startCli, type RunningCli } from '../end-to-end/cli.ts';
import { startLeader, startWorker, type HandLeader } from '../end-to-end/cluster.ts';
import { rows } from '../end-to-end/data.ts';
import { processTree, processesGone, waitFor } from '../end-to-end/processes.ts';

const ROWS = 4_000;
const RATE = 1_500;
const PIPELINES: readonly { readonly name: string; readonly stages: readonly string[] }[] = [
  { name: 'a source slowed down', stages: ['--stages', 'filter=completed:2,running-aggregate=4:2', '--rate', String(RATE)] },
  { name: 'a slow operator behind it', stages: ['-s', `perl -ne 'select undef, undef, undef, 0.0005; print'`, '-s', 'sort | uniq -c @line:2'] },
];
const STAGES = PIPELINES[0]?.stages as readonly string[];

describe('a job whose stdin has ended, and whose every process is killed', () => {
  test.each(PIPELINES)('goes on from its journal, exactly: $name', { timeout: 60_000 }, async ({ stages }) => {
    const folder = await calmRun(stages);
    const job = startCli(['run', ...stages, '--src', '-', '--dest', 'stormy', '--quiet'], { cwd: folder });
    job.stdin.end(rows(ROWS));
    await endRecorded(folder);
    await killAll(job);
    expect(await runCli(['run', '--resume', await onlyJob(folder), '--quiet'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder);
    await processesGone(folder);
  });

  test('again and again', { timeout: 60_000 }, async () => {
    const folder = await calmRun(STAGES);
    let job = startCli(['run', ...STAGES, '--src', '-', '--dest', 'stormy', '--quiet'], { cwd: folder });
    job.stdin.end(rows(ROWS));
    await endRecorded(folder);
    await killAll(job);
    const name = await onlyJob(folder);
    for (const attempt of [2, 3]) {
      job = startCli(['run', '--resume', name, '--quiet'], { cwd: folder });
      await waitFor(`attempt ${attempt} or a later one of the source`, async () => ((await sourceLog(folder)).split('RESTART attempt=').length >= attempt ? true : undefined));
      await killAll(job);
    }
    expect(await runCli(['run', '--resume', name, '--quiet'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder);
  });

  test('also where nobody wanted the rest of it', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    const job = startCli(['run', '-s', 'head -n 3000', '-s', `perl -ne 'select undef, undef, undef, 0.001; print'`, '--no-fuse', '--src', '-', '--dest', 'out', '--quiet'], { cwd: folder });
    job.stdin.write(rows(ROWS));
    await endRecorded(folder);
    await killAll(job);
    expect(await runCli(['run', '--resume', await onlyJob(folder), '--quiet'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    expect((await readFile(join(folder, 'out'), 'utf8')).split('\n')).toEqual([...rows(ROWS).toString().split('\n').slice(0, 3000), '']);
  });
});

describe('a job whose stdin had not ended', () => {
  test('is refused with what there is of it, and left as it is', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    const job = startCli(['run', '-s', 'cat', '--src', '-', '--dest', 'out', '--quiet'], { cwd: folder });
    job.stdin.write('one\ntwo\nthr');
    await waitFor('some of it to come through', async () => ((await partial(folder, 'out')) === 'one\ntwo\n' ? true : undefined));
    await killAll(job);
    const name = await onlyJob(folder);
    for (const _ of [1, 2]) {
      const { status, stderr } = await runCli(['run', '--resume', name], { cwd: folder });
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/its stdin had not ended when it went with the process that read it; 2 tuples \(8 bytes\) of it are recorded.*\n *Run it anew/) });
    }
    expect(await jobState(folder)).toBe('died');
    expect(await partial(folder, 'out')).toBe('one\ntwo\n');
  });

  test('nor has it where nothing came yet', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    const job = startCli(['run', '-s', 'cat', '--src', '-', '--dest', 'out', '--quiet'], { cwd: folder });
    await waitFor('the start of its source', async () => ((await sourceLog(folder)).includes(' START ') ? true : undefined));
    await killAll(job);
    expect(await runCli(['run', '--resume', await onlyJob(folder)], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/; 0 tuples \(0 bytes\) of it are recorded/) });
  });
});

test('workers of a job that reads stdin are killed, and the result is exact', { timeout: 60_000 }, async () => {
  const folder = await calmRun(STAGES);
  const job = startCli(['run', ...STAGES, '--src', '-', '--dest', 'stormy', '--quiet'], { cwd: folder });
  const input = rows(ROWS);
  job.stdin.write(input.subarray(0, input.length / 2));
  for (const kills of [1, 2, 3]) {
    await waitFor(`placement ${kills}`, async () => ((await leaderLog(folder, job)).split(/ START job=| PLACE /).length > kills ? true : undefined));
    const [worker] = await waitFor('a worker', async () => {
      const workers = await workersOf(job);
      return workers.length > 1 ? workers : undefined;
    });
    process.kill(worker as number, 'SIGKILL');
    if (kills === 2) job.stdin.end(input.subarray(input.length / 2));
  }
  expect(await job.result).toMatchObject({ status: 0, stderr: '' });
  await expectSameResult(folder);
});

describe('a named pipe', () => {
  test('that has ended need not be read again by who goes on, whatever dies', { timeout: 60_000 }, async () => {
    const folder = await calmRun(STAGES);
    const job = await readingPipe(folder);
    const pipe = createWriteStream(join(folder, 'pipe'));
    pipe.end(rows(ROWS));
    await endRecorded(folder);
    for (const pid of await workersOf(job)) process.kill(pid, 'SIGKILL');
    await waitFor('another attempt of the source', async () => ((await sourceLog(folder)).includes(' RESTART attempt=2') ? true : undefined));
    await killAll(job);
    expect(await runCli(['run', '--resume', await onlyJob(folder), '--quiet'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder);
  });

  test('that has not ended fails the job when its reader dies, and says why', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    await execa('mkfifo', [join(folder, 'pipe')]);
    const job = await readingPipe(folder);
    const pipe = createWriteStream(join(folder, 'pipe'));
    pipe.on('error', () => undefined);
    pipe.write(rows(1_000));
    await waitFor('some of it', async () => ((await partial(folder, 'stormy')) === '' ? undefined : true));
    for (const pid of await workersOf(job)) process.kill(pid, 'SIGKILL');
    const { status, stderr } = await job.result;
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/the source cannot be read on: .* after 1001 tuples \(\d+ bytes\) were recorded, and before its end was\n *What is read from a pipe/) });
    pipe.destroy();
  });
});

describe('the command of a standing leader goes away with its stdin', () => {
  test('after the end of it: the job goes on without', { timeout: 60_000 }, async () => {
    const folder = await calmRun(STAGES);
    const { leader, job } = await submitted(folder);
    job.stdin.end(rows(ROWS));
    await endRecorded(folder);
    job.kill('SIGKILL');
    await job.result;
    await waitFor('the end of the job', async () => ((await stateAt(leader)) === 'done' ? true : undefined));
    await expectSameResult(folder);
  });

  test('before: the job fails, and says how much there was', { timeout: 60_000 }, async () => {
    const folder = await calmRun(STAGES);
    const { leader, job } = await submitted(folder);
    job.stdin.write(rows(100));
    await waitFor('some of it', async () => ((await partial(folder, 'stormy')) === '' ? undefined : true));
    job.kill('SIGKILL');
    await job.result;
    await waitFor('the end of the job', async () => ((await stateAt(leader)) === 'failed' ? true : undefined));
    expect(await readFile(join(leader.dataDir, 'logs', 'leader.log'), 'utf8')).toMatch(/ END job=\S+ state=failed reason=.*the worker that read stdin is gone after 101 tuples \(\d+ bytes\) were recorded/);
  });
});

/** A job on a leader with two workers of their own. */
async function submitted(folder: string): Promise<{ leader: HandLeader; job: RunningCli }> {
  const leader = await startLeader(folder);
  for (const name of ['a', 'b']) await startWorker(folder, leader, name);
  const args = ['run', '--leader', leader.url, ...STAGES, '--src', '-', '--dest', 'stormy', '--workers', '2', '--quiet'];
  return { leader, job: startCli(args, { cwd: folder, env: { RAINSTORM_TOKEN: leader.token } }) };
}

/** A job that reads `pipe`, which is made if it is not there. */
async function readingPipe(folder: string): Promise<RunningCli> {
  await execa('mkfifo', [join(folder, 'pipe')], { reject: false });
  return startCli(['run', ...STAGES, '--src', 'pipe', '--dest', 'stormy', '--quiet'], { cwd: folder });
}

/** The same from a file, undisturbed. */
async function calmRun(stages: readonly string[]): Promise<string> {
  const folder = await scratch({ 'in.txt': rows(ROWS) });
  await runCli(['run', ...stages, '--src', 'in.txt', '--dest', 'calm', '--quiet'], { cwd: folder });
  await runCli(['clean'], { cwd: folder });
  await mkdir(join(folder, '.rainstorm', 'jobs'), { recursive: true });
  return folder;
}

async function expectSameResult(folder: string): Promise<void> {
  expect(sortedLines(await readFile(join(folder, 'stormy')))).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
}

/** Waits until the source says that its end is recorded. */
async function endRecorded(folder: string): Promise<void> {
  await waitFor('the end of the input to be recorded', async () => ((await sourceLog(folder)).includes('the end of what was read is recorded') ? true : undefined));
}

async function sourceLog(folder: string): Promise<string> {
  const jobs = await readdir(join(folder, '.rainstorm', 'jobs')).catch(() => []);
  return await readFile(join(folder, '.rainstorm', 'jobs', jobs[0] ?? '', 'logs', '0-0.log'), 'utf8').catch(() => '');
}

/** What the leader in this command has noted. */
async function leaderLog(folder: string, { pid }: RunningCli): Promise<string> {
  const log = await readFile(join(folder, '.rainstorm', 'logs', 'leader.log'), 'utf8').catch(() => '');
  const start = log.indexOf(` START leader pid=${pid} `);
  return start === -1 ? '' : log.slice(start);
}

async function partial(folder: string, dest: string): Promise<string> {
  return await readFile(join(folder, `${dest}.partial`), 'utf8').catch(() => '');
}

async function workersOf(job: RunningCli): Promise<number[]> {
  return (await processTree(job.pid)).filter(({ parent, args }) => parent === job.pid && args.includes(' worker ')).map(({ pid }) => pid);
}

/** The command and its workers, as when a machine goes away. */
async function killAll(job: RunningCli): Promise<void> {
  const workers = await workersOf(job);
  job.kill('SIGKILL');
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  await job.result;
}

async function onlyJob(folder: string): Promise<string> {
  return (await jobsIn(folder))[0]?.job ?? '';
}

async function jobState(folder: string): Promise<string | undefined> {
  return (await jobsIn(folder))[0]?.state;
}

async function stateAt(leader: HandLeader): Promise<string | undefined> {
  return (await jobsIn(leader.dataDir, ['--data-dir', leader.dataDir]))[0]?.state;
}

async function jobsIn(cwd: string, args: readonly string[] = []): Promise<{ job: string; state: string }[]> {
  const { text } = await runCli(['jobs', '--json', ...args], { cwd });
  return JSON.parse(text) as { job: string; state: string }[];
}
