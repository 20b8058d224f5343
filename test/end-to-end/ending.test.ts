/** However a job ends, no process and no half-written file is left, and what the user made stays. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, startCli, type RunningCli } from './cli.ts';
import { startLeader, startWorker } from './cluster.ts';
import { processesAppear, processesGone, processesWith, waitFor, type ProcessEntry } from './processes.ts';

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
  return (await processesWith(cwd)).filter(({ args }) => args.includes(' worker --leader '));
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
    await processesAppear(`where=${cwd}`, 1);
    run.kill('SIGINT');
    expect((await run.result).status).toBe(INTERRUPTED);
    await processesGone(cwd);
  });

  test('a second one ends it at once, even where a worker does not answer', async () => {
    const cwd = await scratchWithInput();
    const run = await startJob(cwd);
    for (const { pid } of await workers(cwd)) process.kill(pid, 'SIGSTOP');
    run.kill('SIGINT');
    // Once it has begun to end in order, it waits for the frozen workers; only then the next signal is a second one.
    await waitFor('the orderly end to begin', async () => ((await leaderLog(cwd)).includes('END') || run.stderrSoFar() !== '' ? true : undefined)).catch(() => undefined);
    run.kill('SIGINT');
    const { status, stderr } = await run.result;
    expect(status).toBe(INTERRUPTED);
    expect(stderr).not.toMatch(/cancelled/);
    await processesGone(cwd);
  });
});

async function leaderLog(cwd: string): Promise<string> {
  return await readFile(join(cwd, '.rainstorm', 'logs', 'leader.log'), 'utf8');
}
