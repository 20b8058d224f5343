/** Real jobs whose leader, or every process of which, is killed: another leader goes on with them, and the result is exact. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli, scratch, sortedLines, startCli, type RunningCli } from '../end-to-end/cli.ts';
import { startLeader, startWorker, type HandLeader } from '../end-to-end/cluster.ts';
import { rows } from '../end-to-end/data.ts';
import { processTree, processesAppear, processesGone, waitFor } from '../end-to-end/processes.ts';

const ROWS = 6_000;
const RATE = 1_000;
const STAGES = ['--stages', 'filter=completed:2,running-aggregate=zone:2'];

describe('a leader that is killed', () => {
  test('tuples flow while it is away, and the next one ends the job exactly', { timeout: 60_000 }, async () => {
    const { folder, leader, job } = await runningCluster();
    const notes = await taskNotes(folder, leader);
    leader.cli.kill('SIGKILL');
    await leader.cli.result;
    // The job has some seconds to go, so this is waited for first.
    const before = await partialBytes(folder);
    await waitFor('output without a leader', async () => ((await partialBytes(folder)) > before + 1_000 ? true : undefined));
    await waitFor('a task to say so', async () => ((await notes()).includes('the leader does not answer') ? true : undefined));
    resumeLeader(folder, leader);
    const { status, stderr } = await job.result;
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^rainstorm: the leader does not answer; [^\n]*\n$/) });
    await expectSameResult(folder);
    expect(await notes()).toMatch(/the leader does not answer.*the leader answers again/s);
  });

  test('with a worker that dies while nobody leads', { timeout: 60_000 }, async () => {
    const { folder, leader, job, workers } = await runningCluster();
    leader.cli.kill('SIGKILL');
    workers[0]?.kill('SIGKILL');
    await Promise.all([leader.cli.result, workers[0]?.result]);
    resumeLeader(folder, leader);
    expect(await job.result).toMatchObject({ status: 0 });
    await expectSameResult(folder);
  });

  test('twice', { timeout: 60_000 }, async () => {
    const { folder, leader, job } = await runningCluster();
    leader.cli.kill('SIGKILL');
    await leader.cli.result;
    const second = resumeLeader(folder, leader);
    const log = join(leader.dataDir, 'logs', 'leader.log');
    await waitFor('the job to be taken over', async () => ((await readFile(log, 'utf8')).includes(' term=2 ') ? true : undefined));
    second.kill('SIGKILL');
    await second.result;
    resumeLeader(folder, leader);
    expect(await job.result).toMatchObject({ status: 0 });
    await expectSameResult(folder);
    expect(await readFile(log, 'utf8')).toContain(' term=3 ');
  });

  test('a job whose output goes to stdout goes on as well', { timeout: 60_000 }, async () => {
    const { folder, leader, job } = await runningCluster(['--dest', '-']);
    job.stdout.resume();
    leader.cli.kill('SIGKILL');
    await leader.cli.result;
    resumeLeader(folder, leader);
    const { status, stdout } = await job.result;
    expect(status).toBe(0);
    expect(sortedLines(stdout)).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
  });

  test('only one that has died can be resumed', { timeout: 30_000 }, async () => {
    const folder = await scratch();
    const leader = await startLeader(folder);
    const { status, stderr } = await runCli(['leader', '--resume', '--data-dir', leader.dataDir], { cwd: folder });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/the leader in .* lives, as process \d+/) });
    expect(await runCli(['leader', '--resume'], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/no leader has died in/) });
  });
});

describe('a job whose every process was killed', () => {
  test.each([{ when: 'at once' }, { when: 'after its workers have given up' }])('goes on $when, exactly', { timeout: 60_000 }, async ({ when }) => {
    const folder = await calmRun();
    const job = startCli(['run', ...STAGES, '--src', 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--quiet'], { cwd: folder });
    await waitFor('some output', async () => ((await partialBytes(folder)) > 10_000 ? true : undefined));
    const workers = (await processTree(job.pid)).filter(({ args }) => args.includes(' worker '));
    expect(workers.length).toBeGreaterThan(0);
    job.kill('SIGKILL');
    await job.result;
    if (when === 'at once') for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    else await processesGone(folder);
    const name = await onlyJob(folder);
    expect(await runCli(['run', '--resume', name, '--quiet'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    await expectSameResult(folder);
    await processesGone(folder);
    expect(await runCli(['run', '--resume', name], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/it has ended \(done\)/) });
  });

  // What tells an operator's process is in /proc.
  test.skipIf(process.platform !== 'linux')('what its operators left running is killed, before others do their work', { timeout: 60_000 }, async () => {
    const mark = `299.${process.pid}`;
    const folder = await scratch({ 'in.csv': rows(2_000), 'linger.sh': `cat; [ -e calm ] || exec sleep ${mark}\n` });
    const job = startCli(['run', '-s', 'sh linger.sh', '--src', 'in.csv', '--dest', 'out', '--quiet'], { cwd: folder });
    await processesAppear(`sleep ${mark}`, 1);
    const workers = (await processTree(job.pid)).filter(({ args }) => args.includes(' worker '));
    job.kill('SIGKILL');
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    await job.result;
    expect(await processesAppear(`sleep ${mark}`, 1)).toHaveLength(1);
    await writeFile(join(folder, 'calm'), '');
    expect(await runCli(['run', '--resume', await onlyJob(folder), '--quiet'], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
    await processesGone(`sleep ${mark}`);
    expect(await readFile(join(folder, 'out'))).toEqual(rows(2_000));
  });

  test('what cannot be resumed is refused with its reason, and left as it is', { timeout: 30_000 }, async () => {
    const folder = await scratch({ 'in.csv': rows(ROWS) });
    const job = startCli(['run', ...STAGES, '--src', 'in.csv', '--rate', String(RATE), '--quiet'], { cwd: folder });
    job.stdout.resume();
    await waitFor('the job', async () => ((await runCli(['tasks'], { cwd: folder })).status === 0 ? true : undefined));
    const name = await onlyJob(folder);
    expect(await runCli(['run', '--resume', name], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/it lives, led by process \d+/) });
    job.kill('SIGKILL');
    await job.result;
    expect(await runCli(['run', '--resume', name], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/its stdout went with the command/) });
    expect(await runCli(['run', '--resume', 'nothing'], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/there is no job nothing/) });
    expect(await runCli(['run', '--resume', name, '--rate', '5'], { cwd: folder })).toMatchObject({ status: 2, stderr: expect.stringMatching(/goes on as it was begun, whatever rate should be now/) });
    await processesGone(folder);
  });
});

interface Cluster {
  readonly folder: string;
  readonly leader: HandLeader;
  readonly workers: readonly RunningCli[];
  readonly job: RunningCli;
}

/** A leader with two workers and a job of which some has been done. */
async function runningCluster(dest: readonly string[] = ['--dest', 'stormy']): Promise<Cluster> {
  const folder = await calmRun();
  const leader = await startLeader(folder);
  const workers = [await startWorker(folder, leader, 'a'), await startWorker(folder, leader, 'b')];
  const job = startCli(['run', '--leader', leader.url, ...STAGES, '--src', 'in.csv', ...dest, '--rate', String(RATE), '--workers', '2', '--quiet'], {
    cwd: folder,
    env: { RAINSTORM_TOKEN: leader.token },
  });
  const log = join(leader.dataDir, 'logs', 'leader.log');
  await waitFor('the job to flow', async () => ((await readFile(log, 'utf8')).includes(' RATE ') ? true : undefined));
  return { folder, leader, workers, job };
}

function resumeLeader(folder: string, leader: HandLeader): RunningCli {
  const cli = startCli(['leader', '--resume', '--data-dir', leader.dataDir], { cwd: folder });
  onTestFinished(() => cli.kill('SIGKILL'));
  return cli;
}

async function calmRun(): Promise<string> {
  const folder = await scratch({ 'in.csv': rows(ROWS) });
  await runCli(['run', ...STAGES, '--src', 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
  await runCli(['clean'], { cwd: folder });
  return folder;
}

async function expectSameResult(folder: string): Promise<void> {
  expect(sortedLines(await readFile(join(folder, 'stormy')))).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
}

async function partialBytes(folder: string): Promise<number> {
  return (await readFile(join(folder, 'stormy.partial')).catch(() => Buffer.alloc(0))).length;
}

async function onlyJob(folder: string): Promise<string> {
  const { text } = await runCli(['jobs', '--json'], { cwd: folder });
  return (JSON.parse(text) as { job: string }[])[0]?.job ?? '';
}

/** Reads what a task on worker a notes in its log. */
async function taskNotes(folder: string, leader: HandLeader): Promise<() => Promise<string>> {
  const log = join(folder, 'a-data', 'jobs', await jobName(leader), 'logs', '1-0.log');
  return async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes(' NOTE ')).join('\n');
}

async function jobName(leader: HandLeader): Promise<string> {
  const { text } = await runCli(['jobs', '--json', '--data-dir', leader.dataDir], { cwd: leader.dataDir });
  return (JSON.parse(text) as { job: string }[])[0]?.job ?? '';
}
