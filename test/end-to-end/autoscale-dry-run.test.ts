/** How many tasks a stage should have is said, and nothing is done about it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli, scratch, startCli } from './cli.ts';
import { waitFor } from './processes.ts';

// What is waited for has a limit of its own, which says what was waited for.
vi.setConfig({ testTimeout: 60_000 });

const LINES = Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join('');

test('a task with more to do than HW is told while the job runs, by tasks and in the leader\'s log, and stays alone', async () => {
  const cwd = await scratch({ 'in.txt': LINES });
  const run = startCli(['run', '--quiet', '--workers', '1', '--src', 'in.txt', '--rate', '1000', '--dest', 'out', '-s', 'cat', '--autoscale-dry-run', '--lw', '50', '--hw', '200'], { cwd });
  const advice = await waitFor('advice', async () => {
    const { stdout } = await runCli(['tasks'], { cwd });
    return /^SCALE stage 1:.*/m.exec(String(stdout))?.[0];
  });
  expect(advice).toMatch(/^SCALE stage 1: 1 -> [5-9], \d+\/s per task > HW 200/);
  expect(await readFile(join(cwd, '.rainstorm', 'logs', 'leader.log'), 'utf8')).toMatch(/ DRY-RUN job=\S+ SCALE stage 1: 1 -> [5-9], /);
  expect(JSON.parse((await runCli(['tasks', '--json'], { cwd })).text)).toHaveLength(1);
  run.kill('SIGINT');
  await run.result;
});

describe('marks that say nothing are refused', () => {
  test.each([
    [['--autoscale-dry-run', '--lw', '50'], '--lw is given without --hw'],
    [['--autoscale-dry-run', '--hw', '50'], '--hw is given without --lw'],
    [['--autoscale-dry-run', '--lw', '50', '--hw', '50'], '--lw 50 is not below --hw 50'],
    [['--lw', '50', '--hw', '200'], '--lw and --hw are for --autoscale or --autoscale-dry-run, neither of which is given'],
    [['--autoscale', '--autoscale-dry-run'], '--autoscale does what --autoscale-dry-run would only say'],
    [['--autoscale', 'auto', '--lw', '50', '--hw', '200'], '--lw and --hw mean nothing with --autoscale auto'],
  ])('%j', async (flags, message) => {
    const { status, stderr } = await runCli(['run', '-s', 'cat', '--src', 'in.txt', ...flags], { cwd: await scratch({ 'in.txt': '' }) });
    expect([status, stderr.split('\n')[0]]).toEqual([2, `rainstorm: ${message}`]);
  });
});
