/** What can be seen of a job: on its own stderr, and from a second terminal in the same folder. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli, scratch, startCli, type RunningCli } from './cli.ts';
import { waitFor } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const LINES = Array.from({ length: 100_000 }, (_, index) => `tuple ${index}\n`).join('');
const STAGES = ['-s', 'tee /dev/stderr :2', '-s', 'aggregate=line:2'];

interface Task {
  readonly job: string;
  readonly stage: number;
  readonly name: string;
  readonly index: number;
  readonly pid: number | null;
  readonly worker: string;
  readonly state: string;
  readonly attempt: number;
  readonly inRate: number;
  readonly outRate: number;
  readonly log: string;
}

interface JobLine {
  readonly job: string;
  readonly state: string;
  readonly dest: string;
}

/** A job that runs until it is ended, and its name, once all its operators run. */
async function startJob(cwd: string, dest = 'out'): Promise<{ readonly run: RunningCli; readonly job: string; readonly tasks: readonly Task[] }> {
  const run = startCli(['run', ...STAGES, '--src', 'in.txt', '--rate', '500', '--dest', dest, '--workers', '2', '--line-buffered'], { cwd });
  const tasks = await waitFor('its tasks', async () => {
    const { status, text } = await runCli(['tasks', '--json'], { cwd });
    const found = status === 0 ? (JSON.parse(text) as Task[]) : [];
    return found.length === 4 && found.every(({ pid }) => pid !== null) ? found : undefined;
  });
  return { run, job: tasks[0]?.job ?? '', tasks };
}

async function jobs(cwd: string): Promise<readonly JobLine[]> {
  return JSON.parse((await runCli(['jobs', '--json'], { cwd })).text) as JobLine[];
}

describe('on its own stderr', () => {
  test('--json: progress and the end as a JSON object a line', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { status, stderr } = await runCli(['run', '--json', '-s', 'cat', '--src', 'in.txt', '--rate', '50000', '--dest', 'out'], { cwd });
    expect(status).toBe(0);
    const lines = stderr.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    const end = lines.at(-1);
    const progress = lines.slice(0, -1);
    expect(progress.length).toBeGreaterThan(0);
    for (const line of progress) expect(line).toMatchObject({ event: 'progress', elapsedMs: expect.any(Number), sourceDoneBytes: expect.any(Number) });
    // The first may come before the source has looked at its files.
    expect(progress.some((line) => line['sourceTotalBytes'] === LINES.length)).toBe(true);
    expect(end).toMatchObject({
      event: 'end', state: 'done', dest: 'out', sourceDoneBytes: LINES.length,
      stages: [
        { stage: 0, name: 'source', outTuples: 100_000 },
        { stage: 1, name: 'cat', tasks: 1, inTuples: 100_000, outTuples: 100_000 },
        { stage: 2, name: 'sink', inTuples: 100_000 },
      ],
    });
    expect(await readdir(String(end?.['logs']))).toContain('1-0.log');
  });

  test('--json: a failure is told in it too', async () => {
    const cwd = await scratch();
    const { status, stderr } = await runCli(['run', '--json', '-s', 'exit 3'], { cwd, input: 'tuple\n' });
    expect(status).toBe(1);
    const end = stderr.split('\n').find((line) => line.startsWith('{"event":"end"'));
    expect(JSON.parse(end ?? '{}')).toMatchObject({ state: 'failed', failure: { code: 'OPERATOR_FAILED', message: expect.stringContaining('status 3') as unknown } });
  });

  test('--quiet: nothing', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { status, stderr, stdout } = await runCli(['run', '--quiet', '-s', 'cat', '--src', 'in.txt', '--rate', '50000', '--dest', 'out'], { cwd });
    expect([status, stderr, stdout.length]).toEqual([0, '', 0]);
  });

  test('a summary with the paths of output and logs', async () => {
    const cwd = await scratch({ 'in.txt': 'one\ntwo\n' });
    const { stderr } = await runCli(['run', '-s', 'cat', '--src', 'in.txt', '--dest', 'out'], { cwd });
    const [, logs = ''] = /^rainstorm: that stage 1 \(cat\) prints the same .*\nrainstorm: done in [\d.]+ s: 2 tuples in, 2 out to out; logs in (\S+)\n$/.exec(stderr) ?? [];
    expect((await readdir(join(cwd, logs))).toSorted()).toEqual(['0-0.log', '1-0.log', '2-0.log']);
    expect(await readFile(join(cwd, logs, '1-0.log'), 'utf8')).toMatch(/ START attempt=1 pid=\d+[^]* OUTPUT 1-0#0 one\n[^]* OUTPUT 1-0#1 two\n[^]* EXIT [^]* END in=2 out=2\n/);
    const leader = await readFile(join(cwd, '.rainstorm', 'logs', 'leader.log'), 'utf8');
    expect(leader).toMatch(/ START leader [^]* START job=[^]* END job=\S+ state=done/);
  });
});

describe('from a second terminal', () => {
  test('leader.json is there for its owner only, while the job lives', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { run, job } = await startJob(cwd);
    const folder = join(cwd, '.rainstorm', 'jobs', job);
    expect((await stat(join(folder, 'leader.json'))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder, 'leader.json'), 'utf8'))).toMatchObject({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), token: expect.any(String), pid: run.pid });
    run.kill('SIGINT');
    expect((await run.result).status).toBe(130);
    expect(await readdir(folder)).not.toContain('leader.json');
    expect(await readdir(folder)).toContain('job.json');
  });

  test('tasks lists pids and rates, jobs the job, logs what it writes', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { run, job, tasks } = await startJob(cwd);
    expect(tasks.map(({ stage, index, name }) => [stage, index, name])).toEqual([[1, 0, 'tee'], [1, 1, 'tee'], [2, 0, 'aggregate'], [2, 1, 'aggregate']]);
    expect(tasks.every(({ state, attempt, worker }) => state === 'running' && attempt === 1 && /^w[12]$/.test(worker))).toBe(true);
    expect(new Set(tasks.map(({ worker }) => worker)).size).toBe(2);
    // Signal 0 asks whether the process is there.
    for (const { pid } of tasks) expect(() => process.kill(pid ?? 0, 0)).not.toThrow();
    await waitFor('a rate', async () => {
      const { text } = await runCli(['list-tasks', '--json'], { cwd });
      return (JSON.parse(text) as Task[]).some(({ stage, inRate, outRate }) => stage === 1 && inRate > 0 && outRate > 0) ? true : undefined;
    });
    const table = await runCli(['tasks'], { cwd });
    expect(table.text).toMatch(/^TASK +.*PID.*\n1-0 +tee .*\n1-1 +tee .*\n2-0 +aggregate .*\n2-1 +aggregate .*\n$/);
    expect(await jobs(cwd)).toMatchObject([{ job, state: 'running', dest: 'out' }]);
    await waitFor('something on stderr', async () => (/^1-[01] \S+ STDERR tuple \d+$/m.test((await runCli(['logs', '--grep', 'STDERR'], { cwd })).text) ? true : undefined));
    expect((await runCli(['logs', '1-0', '--grep', ' START '], { cwd })).text).toMatch(/^\S+ START attempt=1 pid=\d+.*\n$/);
    run.kill('SIGINT');
    expect((await run.result).status).toBe(130);
  });

  test('logs --follow goes on until the job ends', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { run } = await startJob(cwd);
    const follow = startCli(['logs', '1-0', '--follow'], { cwd });
    const chunks: Buffer[] = [];
    follow.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const seen = () => Buffer.concat(chunks).toString().split(' OUTPUT ').length;
    await waitFor('the first tuples', () => (seen() > 5 ? true : undefined));
    const before = seen();
    await waitFor('more tuples', () => (seen() > before + 50 ? true : undefined));
    run.kill('SIGINT');
    await run.result;
    expect((await follow.result).status).toBe(0);
  });

  test.each(['task', 'pid'] as const)('kill-task kills an operator by its %s, and the job recovers', async (by) => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { run, job, tasks } = await startJob(cwd);
    const victim = tasks.find(({ stage, index }) => stage === 1 && index === 1);
    const killed = await runCli(['kill-task', by === 'task' ? '1-1' : String(victim?.pid), '--json'], { cwd });
    expect([killed.status, JSON.parse(killed.text)]).toEqual([0, { job, task: '1-1', pid: victim?.pid }]);
    await waitFor('the next attempt', async () => {
      const { text } = await runCli(['tasks', '--json'], { cwd });
      const again = (JSON.parse(text) as Task[]).find(({ stage, index }) => stage === 1 && index === 1);
      return again?.attempt === 2 && again.pid !== null && again.pid !== victim?.pid ? true : undefined;
    });
    const { text } = await runCli(['logs', '1-1'], { cwd });
    expect(text).toMatch(/ KILLED [^]* EXIT attempt=1 died of SIGKILL[^]* RESTART attempt=2 /);
    run.kill('SIGINT');
    expect((await run.result).status).toBe(130);
  });

  test('cancel ends it; jobs and logs tell of it afterwards; clean removes it', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { run, job } = await startJob(cwd);
    const cancelled = await runCli(['cancel'], { cwd });
    expect([cancelled.status, cancelled.text]).toEqual([0, `cancelled job ${job}\n`]);
    const { status, stderr } = await run.result;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/cancelled/)]);
    expect((await readdir(cwd)).toSorted()).toEqual(['.rainstorm', 'in.txt']);
    expect(await jobs(cwd)).toMatchObject([{ job, state: 'cancelled' }]);
    expect((await runCli(['logs', '1-0'], { cwd })).text).toMatch(/ START attempt=1 /);
    const none = await runCli(['tasks'], { cwd });
    expect([none.status, none.stderr]).toEqual([2, expect.stringMatching(new RegExp(`no live job[^]*${job} \\(cancelled\\)`))]);
    const cleaned = await runCli(['clean', '--json'], { cwd });
    expect(JSON.parse(cleaned.text)).toMatchObject({ removed: [{ job }] });
    expect(await jobs(cwd)).toEqual([]);
  });

  test('with two live jobs a command asks which is meant, and --job says it; clean leaves them alone', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const first = await startJob(cwd);
    const second = startCli(['run', '-s', 'cat', '--src', 'in.txt', '--rate', '500', '--dest', 'other', '--workers', '1'], { cwd });
    const other = await waitFor('the second job', async () => (await jobs(cwd)).find(({ dest, state }) => dest === 'other' && state === 'running')?.job);
    const which = await runCli(['tasks'], { cwd });
    expect([which.status, which.stderr]).toEqual([2, expect.stringMatching(/2 jobs are live[^]*--job/)]);
    expect((JSON.parse((await runCli(['tasks', '--json', '--job', other], { cwd })).text) as Task[]).map(({ name }) => name)).toEqual(['cat']);
    expect((await runCli(['clean'], { cwd })).text).toMatch(/nothing to remove/);
    expect((await runCli(['cancel', '--job', other], { cwd })).status).toBe(0);
    expect((await second.result).status).toBe(1);
    expect(await jobs(cwd)).toMatchObject([{ job: other, state: 'cancelled' }, { job: first.job, state: 'running' }]);
    first.run.kill('SIGINT');
    expect((await first.run.result).status).toBe(130);
  });
});

test('only so many ended jobs are kept', async () => {
  const cwd = await scratch();
  for (let job = 0; job < 4; job++) expect((await runCli(['run', '--quiet', '-s', 'cat', '--keep-jobs', '2'], { cwd, input: 'tuple\n' })).status).toBe(0);
  // The newest is the one that has just ended; beside it two are kept.
  expect((await jobs(cwd)).length).toBeLessThanOrEqual(3);
  const all = await jobs(cwd);
  await runCli(['clean', '--keep-jobs', '1'], { cwd });
  expect(await jobs(cwd)).toEqual(all.slice(0, 1));
});
