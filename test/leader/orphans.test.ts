/** What dead workers' operators left running is killed, and nothing else. Linux only. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { isSameProcessAlive } from '../../src/base/process-identity.ts';
import { killOrphans } from '../../src/leader/orphans.ts';

const NOBODY: ReadonlySet<number> = new Set();
const US: ReadonlySet<number> = new Set([process.pid]);

/** One for each test: what a test leaves behind is an orphan of its job. */
let job = '';

beforeEach(({ task }) => {
  job = `orphans-${process.pid}-${task.id}`;
});

/** Starts an operator as a worker does: leading a session, with its job in its environment. It prints the pids to look at. */
function startOperator(script: string, bears = job): ChildProcess {
  const child = spawn('bash', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, RAINSTORM_JOB: bears } });
  onTestFinished(() => void killOrphans(bears, NOBODY));
  return child;
}

async function printedPid(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('it has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    return Number(line);
  }
  throw new Error('it printed no pid');
}

function isAlive(pid: number): boolean {
  return isSameProcessAlive(pid, undefined);
}

async function dies(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
}

describe.skipIf(!existsSync('/proc/self/environ'))('of a worker that is gone', () => {
  test('an operator is killed', async () => {
    const operator = startOperator('echo $$; read -r line');
    const pid = await printedPid(operator);
    expect(killOrphans(job, NOBODY)).toEqual([pid]);
    await dies(pid);
  });

  test('what a shell left in the background and ended is killed', async () => {
    const operator = startOperator('sleep 1000 > /dev/null & echo $!');
    const pid = await printedPid(operator);
    await dies(operator.pid ?? 0);
    expect(killOrphans(job, NOBODY)).toEqual([operator.pid]);
    await dies(pid);
  });

  test('what an operator started in a session of its own is killed', async () => {
    const operator = startOperator('setsid sleep 1000 > /dev/null & echo $!; wait');
    const pid = await printedPid(operator);
    expect(killOrphans(job, NOBODY)).toContain(operator.pid);
    await dies(pid);
  });
});

describe.skipIf(!existsSync('/proc/self/environ'))('of a worker that lives', () => {
  test.each([
    ['an operator', 'echo $$; read -r line'],
    ['what it started in a group of its own', 'timeout 1000 sleep 1000 > /dev/null & echo $!; wait'],
    ['what it started in a session of its own', 'setsid sleep 1000 > /dev/null & echo $!; wait'],
    ['what it left behind in its own session', '(sleep 1000 > /dev/null & echo $!); read -r line'],
  ])('%s is spared', async (_, script) => {
    const pid = await printedPid(startOperator(script));
    expect(killOrphans(job, US)).toEqual([]);
    expect(isAlive(pid)).toBe(true);
  });
});

test('an operator of another job is spared', async () => {
  const pid = await printedPid(startOperator('echo $$; read -r line', `${job}-other`));
  expect(killOrphans(job, NOBODY)).toEqual([]);
  expect(isAlive(pid)).toBe(true);
});
