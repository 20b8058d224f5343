import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isSameProcessAlive, processStartTime } from '../../src/base/process-identity.ts';

function started(command: string, args: readonly string[]): { child: ChildProcess; pid: number } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.pid === undefined) throw new Error(`${command} did not start`);
  return { child, pid: child.pid };
}

describe('the identity of a process', () => {
  test('stays the same while it lives and ends with it', async () => {
    const { child, pid } = started('cat', []);
    const start = processStartTime(pid);
    expect(start).toBeDefined();
    expect(processStartTime(pid)).toBe(start);
    expect(isSameProcessAlive(pid, start)).toBe(true);
    expect(isSameProcessAlive(pid, undefined)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processStartTime(pid)).toBeUndefined();
    expect(isSameProcessAlive(pid, start)).toBe(false);
    expect(isSameProcessAlive(pid, undefined)).toBe(false);
  });

  test('differs for another process that has the pid', () => {
    expect(isSameProcessAlive(process.pid, 'an older one')).toBe(false);
    expect(isSameProcessAlive(process.pid, processStartTime(process.pid))).toBe(true);
  });

  test('is read behind a name with spaces and parentheses', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rainstorm-identity-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const odd = join(folder, 'a) S 1 (b');
    await copyFile('/bin/cat', odd);
    const plain = started('cat', []);
    const { pid } = started(odd, []);
    expect(processStartTime(pid)).toMatch(/\d/);
    expect(isSameProcessAlive(pid, processStartTime(pid))).toBe(true);
    expect(processStartTime(pid)?.split(':')[0]).toBe(processStartTime(plain.pid)?.split(':')[0]);
  });

  test('a zombie counts as dead', async () => {
    // The shell becomes a sleep that never asks for its child's status, so the child, once dead, stays a zombie.
    const { child } = started('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const pid = Number(line.toString().trim());
    const start = processStartTime(pid);
    expect(isSameProcessAlive(pid, start)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isSameProcessAlive(pid, start), { interval: 5, timeout: 5000 }).toBe(false);
    expect(isSameProcessAlive(pid, undefined)).toBe(false);
    expect(processStartTime(pid)).toBeUndefined();
  });
});
