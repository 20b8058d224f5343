/** A stage that is slow since one of its tasks is, is not left without a word. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runCli, scratch, startCli } from './cli.ts';
import { waitFor } from './processes.ts';

// What is waited for has a limit of its own, which says what was waited for.
vi.setConfig({ testTimeout: 60_000 });

/** Nine of ten rows have one key. */
const SKEWED = Array.from({ length: 300_000 }, (_, row) => `${row},${row % 10 === 0 ? `key ${row % 1000}` : 'Stop'}\n`).join('');

/** Slow enough to be busy all the time, however fast its input comes. */
const SLOW = 'awk "{ for (i = 0; i < 3000; i++); print }" @2:3';

test('the task that holds its stage back is named with the key that makes it slow, by tasks and in the leader\'s log', async () => {
  const cwd = await scratch({ 'in.csv': SKEWED });
  const run = startCli(['run', '--quiet', '--workers', '1', '--src', 'in.csv', '--dest', 'out', '-s', SLOW], { cwd });
  const told = await waitFor('a task that holds its stage back', async () => {
    const { stdout } = await runCli(['tasks'], { cwd });
    return /^task 1-\d holds stage 1 back:.*/m.exec(String(stdout))?.[0];
  });
  expect(told).toMatch(/ it is busy \d+ % of the time, the others \d+ %; it gets \d+ % of the tuples; frequent keys that go there: "Stop" [89]\d %/);
  const log = await waitFor('the leader\'s log to name it', async () => {
    const text = await readFile(join(cwd, '.rainstorm', 'logs', 'leader.log'), 'utf8');
    return / STRAGGLER job=\S+ task 1-\d holds stage 1 back/.test(text) ? text : undefined;
  });
  expect(log).toMatch(/ RATE job=\S+ stage 0: in=\d+\/s out=\d+\/s busy=0% blocked=0% backlog=0B, stage 1: in=\d+\/s out=\d+\/s busy=\d+%/);
  run.kill('SIGINT');
  await run.result;
});
