import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listTasks } from '../../src/cli/tasks.ts';
import { cluster, dataFolder, failureOf, pidsOf, screen } from './harness.ts';

test('JSON has the user\'s stages, with all that a script needs to find an operator and its log', async () => {
  const { dataDir, client, submit } = await cluster();
  await submit('a');
  const { terminal, out } = screen();
  await listTasks({ dataDir, json: true }, terminal);
  // How much processor time they take is known only after a second report, and not everywhere.
  const tasks = JSON.parse(out()) as Record<string, unknown>[];
  for (const task of tasks) delete task['cpuShare'];
  const pids = await pidsOf(client, 'a');
  const rates = { inRate: expect.any(Number), outRate: expect.any(Number), busyShare: expect.any(Number), blockedShare: expect.any(Number), backlogBytes: 0 };
  const common = { job: 'a', worker: 'w1', state: 'running', attempt: 1, skippedTuples: 0, ...rates };
  expect(tasks).toEqual([
    { ...common, stage: 1, name: 'cat', index: 0, pid: pids[0], pids: [pids[0]], log: join(dataDir, 'jobs', 'a', 'logs', '1-0.log') },
    { ...common, stage: 1, name: 'cat', index: 1, pid: pids[1], pids: [pids[1]], log: join(dataDir, 'jobs', 'a', 'logs', '1-1.log') },
    { ...common, stage: 2, name: 'tr', index: 0, pid: pids[2], pids: [pids[2]], log: join(dataDir, 'jobs', 'a', 'logs', '2-0.log') },
  ]);
});

test('source and sinks are shown if asked for, and have no pid', async () => {
  const { dataDir, submit } = await cluster();
  await submit('a');
  const { terminal, out } = screen();
  await listTasks({ dataDir, all: true, json: true }, terminal);
  const tasks = JSON.parse(out()) as Record<string, unknown>[];
  expect(tasks.map((task) => [task['name'], task['pid'] === null])).toEqual([['source', true], ['cat', false], ['cat', false], ['tr', false], ['sink', true]]);
});

test('people get a table with a line for each task', async () => {
  const { dataDir, submit } = await cluster();
  await submit('a');
  const { terminal, out } = screen();
  await listTasks({ dataDir, json: false }, terminal);
  const [headers, ...lines] = out().trimEnd().split('\n');
  expect(headers).toMatch(/^TASK +STAGE NAME +STATE +PID +WORKER +ATTEMPT +IN\/s +OUT\/s +BUSY +BLOCKED +BACKLOG +LOG$/);
  expect(lines.map((line) => line.replace(/\s.*/, ''))).toEqual(['1-0', '1-1', '2-0']);
  expect(lines[0]).toMatch(/^1-0 +cat +running +\d+ +w1 +1 +\d+ +\d+ +\d+% +\d+% +\d+ B +\S+1-0\.log$/);
});

test('a job that waits for its workers has tasks that are not placed yet', async () => {
  const { dataDir, submit } = await cluster({ workers: 0 });
  await submit('a');
  const { terminal, out } = screen();
  await listTasks({ dataDir, json: false }, terminal);
  expect(out().split('\n')[1]).toMatch(/^1-0 +cat +starting +- +- +1 +0 +0 /);
});

test('without a live job it is said', async () => {
  const dataDir = await dataFolder();
  expect(await failureOf(() => listTasks({ dataDir, json: true }, screen().terminal))).toContain('NO_LIVE_JOB');
});
