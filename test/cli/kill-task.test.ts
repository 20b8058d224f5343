import { expect, test } from 'vitest';
import { processStartTime } from '../../src/base/process-identity.ts';
import { killTask } from '../../src/cli/kill-task.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import type { Submission } from '../../src/control/schemas.ts';
import { cluster, failureOf, pidsOf, screen, slowJob } from './harness.ts';

test('an operator is killed by its task\'s id', async () => {
  const { dataDir, client, submit } = await cluster();
  await submit('a');
  const pid = (await pidsOf(client, 'a'))[2] as number;
  const { terminal, out } = screen();
  await killTask({ dataDir, target: '2-0', json: false }, terminal);
  expect(out()).toBe(`killed task 2-0, pid ${pid}\n`);
  await expect.poll(() => processStartTime(pid)).toBeUndefined();
});

test('an operator is killed by its pid', async () => {
  const { dataDir, client, submit } = await cluster();
  await submit('a');
  const pid = (await pidsOf(client, 'a'))[1] as number;
  const { terminal, out } = screen();
  await killTask({ dataDir, target: String(pid), json: true }, terminal);
  expect(JSON.parse(out())).toEqual({ job: 'a', task: '1-1', pid });
  await expect.poll(() => processStartTime(pid)).toBeUndefined();
});

test('an operator is killed by its worker and its pid there', async () => {
  const { dataDir, client, submit } = await cluster();
  await submit('a');
  const pid = (await pidsOf(client, 'a'))[1] as number;
  const failure = (worker: string, target: string) => failureOf(() => killTask({ dataDir, worker, target, json: false }, screen().terminal));
  expect(await failure('w2', String(pid))).toContain('UNKNOWN_TASK job a has no task on a worker w2');
  expect(await failure('w1', '1-1')).toContain('USAGE "1-1" is no pid');
  expect(await failure('w1', '1')).toContain('UNKNOWN_TASK pid 1 is no operator of job a');
  const { terminal, out } = screen();
  await killTask({ dataDir, worker: 'w1', target: String(pid), json: false }, terminal);
  expect(out()).toBe(`killed task 1-1, pid ${pid}\n`);
  await expect.poll(() => processStartTime(pid)).toBeUndefined();
});

test('a chain is killed by the pid of any of its processes', async () => {
  const { dataDir, client } = await cluster();
  const spec = await slowJob(dataDir, 'a');
  const chain = { ...spec.stages[0], name: 'chain', program: { kind: 'command', commandLine: 'cat | tr a-z A-Z | cat' }, tasks: 1 };
  await client.call(leaderRoutes.submit, { job: 'a', spec: { ...spec, stages: [chain] }, workers: 1 } as Submission);
  const look = async () => (await client.call(leaderRoutes.tasks, undefined, { params: { job: 'a' } }))[1]?.pids ?? [];
  await expect.poll(look, { timeout: 10_000 }).toHaveLength(3);
  const pids = await look();
  const { terminal, out } = screen();
  await killTask({ dataDir, target: String(pids[2]), json: true }, terminal);
  expect(JSON.parse(out())).toEqual({ job: 'a', task: '1-0', pid: pids[0] });
  for (const pid of pids) await expect.poll(() => processStartTime(pid)).toBeUndefined();
});

test('nothing is killed that is no operator of the job', async () => {
  const { dataDir, client, submit } = await cluster();
  await submit('a');
  const pids = await pidsOf(client, 'a');
  const failure = (target: string) => failureOf(() => killTask({ dataDir, target, json: false }, screen().terminal));
  const there = '> Its tasks: 0-0, 1-0 to 1-1, 2-0, 3-0.';
  expect(await failure('2-1')).toBe(`UNKNOWN_TASK job a has no task 2-1\n${there}`);
  expect(await failure(String(process.pid))).toBe(`UNKNOWN_TASK pid ${process.pid} is no operator of job a\n${there}`);
  expect(await failure('0')).toContain('UNKNOWN_TASK pid 0 is no operator of job a');
  expect(await failure('cat')).toContain('USAGE "cat" is neither a task nor a pid\n> A task is written 2-0');
  expect(await failure('0-0')).toContain('UNKNOWN_TASK task 0-0 has no running operator');
  expect(await pidsOf(client, 'a')).toEqual(pids);
});
