/** However a job ends, no process and no half-written file is left, and what the user made stays. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli, scratch, startCli, type RunningCli } from './cli.ts';
import { startLeader, startWorker } from './cluster.ts';
import { processesAppear, processesGone, processesWith, waitFor, type ProcessEntry } from './processes.ts';

// What is waited for has a limit of its own, which says what was waited for.
vi.setConfig({ testTimeout: 60_000 });

const INTERRUPTED = 130;

const ENDLESS = Array.from({ length: 200_000 }, (_, index) => `tuple ${index}\n`).join('');

/**
 * A job that runs until it is ended, of every kind of operator. Each of its processes has the folder's name among its
 * arguments: the workers as their data folder, the operators because it is in their scripts.
 */
async function startJob(cwd: string, args: readonly string[] = []): Promise<RunningCli> {
  const run = startCli([
    'run', '--src', join(cwd, 'in.txt'), '--rate', '200', '--dest', join(cwd, 'out'), '--data-dir', join(cwd, '.rainstorm'), '--workers', '2',
    '-s', `awk -v where=${cwd} 1 :2`,
    '-s', `awk -v where=${cwd} 1 | awk -v where=${cwd} 2`,
    '-s', `tail -f ${cwd}/in.txt > /dev/null & while read -r line; do echo "$line"; done`,
    ...args,
  ], { cwd });
  // The run itself, 2 workers, 2 tasks of one awk, 2 awks of a chain, bash, and the tail that bash started.
  await processesAppear(cwd, 9);
  await waitFor('the partial file', async () => ((await readdir(cwd)).includes('out.partial') ? true : undefined));
  return run;
}

async function workers(cwd: string): Promise<ProcessEntry[]> {
  return (await processesWith(cwd)).filter(({ args }) => / worker .*--name /.test(args));
}

/** Waits for `count` operators with `pattern` among their arguments, whose worker has this data folder. */
async function operatorsAppear(cwd: string, pattern: string, count: number): Promise<ProcessEntry[]> {
  return await waitFor(`${count} operators with ${pattern}`, async () => {
    const parents = new Set((await workers(cwd)).map(({ pid }) => pid));
    const found = (await processesWith(pattern)).filter(({ parent }) => parents.has(parent));
    return found.length === count ? found : undefined;
  });
}

async function scratchWithInput(): Promise<string> {
  return await scratch({ 'in.txt': ENDLESS });
}

/** What the user made, and the data folder; no destination, no partial file, no lock. */
async function expectNothingMade(cwd: string): Promise<void> {
  expect((await readdir(cwd)).toSorted()).toEqual(['.rainstorm', 'in.txt']);
  expect((await readFile(join(cwd, 'in.txt'))).length).toBe(ENDLESS.length);
}

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends every process and exits with 130', async (signal) => {
    const cwd = await scratchWithInput();
    const run = await startJob(cwd);
    run.kill(signal);
    const { status, stderr } = await run.result;
    expect(status).toBe(INTERRUPTED);
    expect(stderr).toMatch(/cancelled/);
    await processesGone(cwd);
    await expectNothingMade(cwd);
  });

  test('reaches the command only, as from a terminal, and stdin may stay open', async () => {
    const cwd = await scratch();
    const run = startCli(['run', '--quiet', '--data-dir', cwd, '-s', `awk -v where=${cwd} 1`], { cwd });
    run.stdin.write('one\n');
    await operatorsAppear(cwd, `where=${cwd}`, 1);
    run.kill('SIGINT');
    expect((await run.result).status).toBe(INTERRUPTED);
    await processesGone(cwd);
  });

  test('a second one ends it at once, even where a worker does not answer', async () => {
    const cwd = await scratchWithInput();
    const run = await startJob(cwd);
    for (const { pid } of await workers(cwd)) process.kill(pid, 'SIGSTOP');
    // Two of a kind may melt into one on their way, and of these two the first is delivered first.
    run.kill('SIGINT');
    run.kill('SIGTERM');
    const { status, stderr } = await run.result;
    expect(status).toBe(INTERRUPTED);
    // The orderly end, which would have waited for the workers, says so.
    expect(stderr).not.toMatch(/cancelled/);
    await processesGone(cwd);
  });
});

describe('a death', () => {
  test('kill -9 of the command takes workers and operators with it, and the next job may have the destination', async () => {
    const cwd = await scratchWithInput();
    const run = await startJob(cwd);
    run.kill('SIGKILL');
    expect((await run.result).signal).toBe('SIGKILL');
    await processesGone(cwd);
    expect(await readdir(cwd)).not.toContain('out');
    const next = await runCli(['run', '--quiet', '-s', 'head -n 1', '--src', 'in.txt', '--dest', 'out'], { cwd });
    expect([next.status, next.stderr]).toEqual([0, '']);
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('tuple 0\n');
    expect((await readdir(cwd)).toSorted()).toEqual(['.rainstorm', 'in.txt', 'out']);
  });

  test.each(['w1', 'w2'])('kill -9 of worker %s fails a best-effort job, naming it, and its operators end', async (name) => {
    const cwd = await scratchWithInput();
    const run = await startJob(cwd, ['--delivery', 'best-effort']);
    const worker = (await workers(cwd)).find(({ args }) => args.includes(` --name ${name} `));
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    const { status, stderr } = await run.result;
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`worker ${name} died of SIGKILL; it hosted task \\d-\\d`));
    await processesGone(cwd);
    // The partial file of a worker that was killed may be left; the next job replaces it.
    expect((await readdir(cwd)).filter((file) => file !== 'out.partial').toSorted()).toEqual(['.rainstorm', 'in.txt']);
  });

  test('an operator killed by kill-task fails a best-effort job, with stage and signal', async () => {
    const cwd = await scratchWithInput();
    const run = await startJob(cwd, ['--delivery', 'best-effort']);
    const killed = await runCli(['kill-task', '1-1'], { cwd });
    expect([killed.status, killed.stderr]).toEqual([0, '']);
    const { status, stderr } = await run.result;
    expect(status).toBe(1);
    expect(stderr).toMatch(/stage 1 \(awk\), task 1-1: `awk .*` died of SIGKILL/);
    await processesGone(cwd);
    await expectNothingMade(cwd);
  });

  test('a process of a chain that dies fails a best-effort job, and its successor prints no end', async () => {
    const cwd = await scratchWithInput();
    const run = startCli([
      'run', '--src', 'in.txt', '--rate', '1000', '--dest', 'out', '--data-dir', join(cwd, '.rainstorm'), '--delivery', 'best-effort',
      '-s', `awk -v where=${cwd} 1 | awk -v behind=${cwd} '{ print > "seen" } END { print "the end" > "ended" }'`,
    ], { cwd });
    const [first] = await operatorsAppear(cwd, `where=${cwd}`, 1);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const { status, stderr } = await run.result;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/stage 1 \(awk\), task 1-0: `awk .*where=.*` died of SIGKILL/)]);
    await processesGone(cwd);
    // The file is made at the first print, before which awk saw an end of input.
    expect(await readdir(cwd)).not.toContain('ended');
  });

  test('an operator that is killed is started again by default, and the result is exact', async () => {
    const input = Array.from({ length: 2_000 }, (_, index) => `${index % 50}\n`).join('');
    const cwd = await scratch({ 'in.txt': input });
    const run = startCli(['run', '--quiet', '--src', 'in.txt', '--rate', '1000', '--dest', 'out', '--data-dir', join(cwd, '.rainstorm'), '-s', `awk -v where=${cwd} 1 :2`, '-s', 'aggregate=line:2'], { cwd });
    const killed = new Set<number>();
    for (const pattern of [`where=${cwd}`, 'operators/aggregate.js']) {
      const [victim] = await operatorsAppear(cwd, pattern, 2);
      killed.add(victim?.pid ?? 0);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
    }
    const { status, stderr } = await run.result;
    expect([killed.size, status, stderr]).toEqual([2, 0, '']);
    expect((await readFile(join(cwd, 'out'), 'utf8')).trimEnd().split('\n').toSorted()).toEqual(Array.from({ length: 50 }, (_, key) => `${key},40`).toSorted());
    await processesGone(cwd);
  });
});

describe('two jobs', () => {
  test('on one destination: the second is refused, the first goes on', async () => {
    const cwd = await scratch({ 'in.txt': 'a\nb\nc\n' });
    const run = startCli(['run', '--quiet', '-s', 'cat', '--dest', 'out'], { cwd });
    run.stdin.write('one\n');
    await waitFor('the partial file', async () => ((await readdir(cwd)).includes('out.partial') ? true : undefined));
    const second = await runCli(['run', '-s', 'cat', '--src', 'in.txt', '--dest', 'out', '--data-dir', 'other'], { cwd });
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(new RegExp(`job \\S+ \\(pid ${run.pid} on \\S+\\) is writing to the destination out\\n.*choose another`));
    run.stdin.end('two\n');
    expect((await run.result).status).toBe(0);
    expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('one\ntwo\n');
    expect((await readdir(cwd)).filter((name) => /lock|partial/.test(name))).toEqual([]);
  });

  test('side by side in one folder, on destinations of their own', async () => {
    const cwd = await scratch({ 'in.txt': ENDLESS });
    const results = await Promise.all(['one', 'two'].map((dest) => runCli(['run', '--quiet', '-s', 'cat', '--src', 'in.txt', '--dest', dest], { cwd })));
    expect(results.map(({ status, stderr }) => [status, stderr])).toEqual([[0, ''], [0, '']]);
    for (const dest of ['one', 'two']) expect(await readFile(join(cwd, dest), 'utf8') === ENDLESS).toBe(true);
  });
});

describe('a worker started by hand', () => {
  test('ends its operators and itself when its leader is gone', async () => {
    const cwd = await scratchWithInput();
    const leader = await startLeader(cwd);
    const worker = await startWorker(cwd, leader, 'hand');
    const run = startCli([
      'run', '--leader', leader.url, '--workers', '1', '--rate', '100', '--src', 'in.txt', '--dest', 'out', '-s', `awk -v where=${cwd} 1 :3`,
    ], { cwd, env: { RAINSTORM_TOKEN: leader.token } });
    await processesAppear(`where=${cwd} 1`, 3);
    leader.cli.kill('SIGKILL');
    const [ofWorker, ofRun] = await Promise.all([worker.result, run.result]);
    expect(ofWorker.status).toBe(1);
    expect(ofWorker.stderr).toMatch(/worker hand has lost its leader and ends/);
    expect(ofRun.status).toBe(1);
    expect(ofRun.stderr).toMatch(/nobody answers at http:/);
    await processesGone(cwd);
    expect(await readdir(cwd)).not.toContain('out');
  });

  test('ends in order when it is told to, and so does a leader, whose file goes with it', async () => {
    const cwd = await scratch();
    const leader = await startLeader(cwd);
    const worker = await startWorker(cwd, leader, 'hand');
    worker.kill('SIGTERM');
    expect((await worker.result).status).toBe(0);
    leader.cli.kill('SIGTERM');
    expect((await leader.cli.result).status).toBe(0);
    expect(await readdir(leader.dataDir)).not.toContain('leader.json');
    await processesGone(cwd);
  });
});
