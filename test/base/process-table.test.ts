import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { readOfProcess, readProcessTable } from '../../src/base/process-table.ts';

test.skipIf(!existsSync('/proc/self/stat'))('a process is shown with what it is part of and the time that it took', async () => {
  // The name has what the file puts around names.
  const child = spawn('bash', ['-c', 'exec -a "a) (b" bash -c "echo; while :; do :; done"'], { detached: true, env: { ...process.env, MARK: 'marked' } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  await expect.poll(() => readProcessTable().get(pid)?.cpuMs ?? 0, { timeout: 10_000 }).toBeGreaterThan(50);
  expect(readProcessTable().get(pid)).toMatchObject({ parent: process.pid, group: pid, session: pid });
  expect(readOfProcess(pid, 'environ')?.split('\0')).toContain('MARK=marked');
});

test('what is not there is not shown', () => {
  const nobody = 2 ** 22 + 1;
  expect(readProcessTable().has(nobody)).toBe(false);
  expect(readOfProcess(nobody, 'stat')).toBeUndefined();
});
