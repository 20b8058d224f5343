/** What a leader answers of its workers and jobs, and of jobs that it did not run itself. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serveLeader } from '../../src/api/leader-server.ts';
import { systemClock } from '../../src/base/clock.ts';
import { ControlClient } from '../../src/control/client.ts';
import { clusterEvent, type ClusterEvent } from '../../src/control/cluster-event.ts';
import { httpCall } from '../../src/control/http-call.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { DEFAULT_KEEP } from '../../src/leader/keep-limits.ts';
import { Leader } from '../../src/leader/leader.ts';
import { cluster, endedJob, failureOf, mutelyLiveJob, viewOf } from '../cli/harness.ts';

const TOKEN = 'another token';

/** A leader that comes to a data folder in which others have led. */
async function laterLeader(dataDir: string): Promise<ControlClient> {
  const leader = await Leader.start({ dataDir, token: TOKEN, clock: systemClock, keep: DEFAULT_KEEP, replacesWorkers: false });
  const server = await serveLeader({ leader, token: TOKEN, tokenGiven: true, listen: { host: '127.0.0.1', port: 0 } });
  onTestFinished(async () => {
    leader.close();
    await server.close();
  });
  return new ControlClient(server.url, TOKEN);
}

async function logOf(client: ControlClient, job: string, task: string, query: Parameters<ControlClient['log']>[2]): Promise<string> {
  return await text(await client.log(job, task, query) as AsyncIterable<Buffer>);
}

describe('workers', () => {
  test('are shown with what they host and take', async () => {
    const { client, submit } = await cluster();
    expect(await client.call(leaderRoutes.workers, undefined)).toMatchObject([{ worker: 'w1', pid: process.pid, edge: false, tasks: 0, jobs: [] }]);
    await submit('a');
    await expect.poll(async () => (await client.call(leaderRoutes.workers, undefined))[0]?.cpuShare ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
    const [worker] = await client.call(leaderRoutes.workers, undefined);
    expect(worker).toMatchObject({ tasks: 5, jobs: ['a'], operatorsMeasured: process.platform === 'linux' });
    expect(worker?.memoryBytes).toBeGreaterThan(10_000_000);
  });

  test('are not killed where they are unknown', async () => {
    const { client } = await cluster();
    expect(await failureOf(() => client.call(leaderRoutes.killWorker, undefined, { params: { worker: 'w9' } }))).toMatch(/^UNKNOWN_WORKER there is no worker w9 here/);
  });

  test('are not killed where they are the command of a job', async () => {
    const { client, leader } = await cluster();
    leader.register({ worker: 'edge-b', url: 'http://127.0.0.1:9', data: { host: '127.0.0.1', port: 9 }, pid: process.pid, hostname: 'elsewhere', edgeOfJob: 'b' });
    expect(await failureOf(() => client.call(leaderRoutes.killWorker, undefined, { params: { worker: 'edge-b' } }))).toMatch(/^USAGE edge-b is the command that has the stdin or stdout of job b/);
  });
});

test('of a job its plan, its history and what limits it are answered, and a kill is marked in it', async () => {
  const { client, submit } = await cluster();
  await submit('a');
  const params = { job: 'a' };
  expect((await client.call(leaderRoutes.plan, undefined, { params })).channels).toEqual([
    { from: 0, to: 1, count: 2, partition: 'round-robin' }, { from: 1, to: 2, count: 2, partition: 'single' }, { from: 2, to: 3, count: 1, partition: 'single' },
  ]);
  await client.call(leaderRoutes.killTask, undefined, { params: { job: 'a', task: '1-1' }, query: { by: 'chaos' } });
  await expect.poll(async () => (await client.call(leaderRoutes.history, undefined, { params })).marks.map(({ text }) => text), { timeout: 10_000 })
    .toEqual(['running', 'task 1-1 was killed by chaos', 'task 1-1 was started again, attempt 2 on w1']);
  await expect.poll(async () => (await client.call(leaderRoutes.explain, undefined, { params })).sentence, { timeout: 10_000 }).toMatch(/^the source is limited by its rate of 50 tuples a second/);
  const { points } = await client.call(leaderRoutes.history, undefined, { params });
  expect(points.at(-1)?.stages.map(({ stage, tasks }) => [stage, tasks])).toEqual([[0, 1], [1, 2], [2, 1], [3, 1]]);
});

test('a log is searched where it lies', async () => {
  const { client, submit } = await cluster();
  await submit('a');
  await expect.poll(() => logOf(client, 'a', '1-0', { grep: ' OUTPUT 1-0#[0-9] ' }), { timeout: 10_000 }).toMatch(/^(\S+ OUTPUT 1-0#\d B.r \d+\n){10}$/u);
  expect(await logOf(client, 'a', '1-0', { grep: 'OUTPUT 1-0#[0-9] ', tail: 2 })).toMatch(/^\S+ OUTPUT 1-0#8 .*\n\S+ OUTPUT 1-0#9 .*\n$/);
  expect(await failureOf(() => client.log('a', '1-0', { grep: '[' }))).toMatch(/^USAGE \[ is no regular expression/);
});

describe('a job that has ended', () => {
  test('is answered as it was by a leader that did not run it, its logs too', async () => {
    const { client, submit, dataDir } = await cluster();
    await submit('a');
    const params = { job: 'a' };
    await expect.poll(async () => (await client.call(leaderRoutes.history, undefined, { params })).points.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await client.call(leaderRoutes.cancel, undefined, { params });
    const later = await laterLeader(dataDir);
    for (const route of [leaderRoutes.job, leaderRoutes.tasks, leaderRoutes.plan, leaderRoutes.history, leaderRoutes.explain] as const) {
      const [before, after] = [await client.call<unknown>(route, undefined, { params }), await later.call<unknown>(route, undefined, { params })];
      expect(after).toEqual(before);
    }
    expect((await later.call(leaderRoutes.history, undefined, { params })).marks.at(-1)?.text).toBe('cancelled');
    expect((await later.call(leaderRoutes.explain, undefined, { params })).sentence).toMatch(/^the job has ended: cancelled/);
    expect((await later.call(leaderRoutes.jobs, undefined)).map(({ job }) => job)).toEqual(['a']);
    expect(await logOf(later, 'a', '1-0', { grep: ' START ' })).toMatch(/^\S+ START attempt=1 /);
    expect(await failureOf(() => later.log('a', '7-0', {}))).toMatch(/^UNKNOWN_TASK there is no log of a task 7-0/);
    expect(await failureOf(() => later.log('a', '../../../leader', {}))).toMatch(/^UNKNOWN_TASK /);
    const answer = await httpCall(`${later.url}/v1/jobs/a/events`, { headers: { authorization: `Bearer ${TOKEN}` }, agent: false });
    expect((await text(answer)).match(/^event: .*$/gm)).toEqual(['event: job', 'event: state']);
  });

  test.each([
    ['is cut off', '{"tasks": [', /^USAGE \S+views\.json cannot be read as a job's views: /],
    ['is none of ours', '{"tasks": 1}', /^USAGE \S+views\.json cannot be read as a job's views: /],
    ['is missing', undefined, /^USAGE of the job in \S+ only its end is kept: there is no views\.json/],
  ])('and whose file %s is told so, and the leader goes on', async (_, content, message) => {
    const { client, dataDir } = await cluster({ workers: 0 });
    await endedJob(dataDir, 'b');
    if (content !== undefined) await writeFile(join(jobFolder(dataDir, 'b'), 'views.json'), content);
    expect(await failureOf(() => client.call(leaderRoutes.tasks, undefined, { params: { job: 'b' } }))).toMatch(message);
    expect(await client.call(leaderRoutes.job, undefined, { params: { job: 'b' } })).toEqual(viewOf('b'));
  });

  test('is not one that lives elsewhere, whose files are broken, or that never was', async () => {
    const { client, dataDir } = await cluster({ workers: 0 });
    await mutelyLiveJob(dataDir, 'live');
    await mkdir(jobFolder(dataDir, 'broken'), { recursive: true });
    await writeFile(join(jobFolder(dataDir, 'broken'), 'job.json'), 'no JSON');
    const told = (job: string) => failureOf(() => client.call(leaderRoutes.plan, undefined, { params: { job } }));
    expect(await told('live')).toMatch(/^UNKNOWN_JOB there is no job live here: it is led from http:/);
    expect(await told('broken')).toMatch(/^USAGE nothing can be said of job broken: \S+job\.json cannot be read/);
    expect(await told('../jobs/broken')).toMatch(/^UNKNOWN_JOB there is no job \.\.\/jobs\/broken here\n/);
    expect(await client.call(leaderRoutes.jobs, undefined)).toEqual([]);
  });
});

test('who follows everything is told of all jobs, those that ended before too, and of the workers', async () => {
  const { client, server, submit, dataDir } = await cluster();
  await endedJob(dataDir, 'b');
  await submit('a');
  const { first, until } = await following(server.url);
  expect(jobsIn(first)).toEqual(['a running', 'b done']);
  expect(await until(({ event }) => event === 'workers')).toMatchObject({ data: [{ worker: 'w1', jobs: ['a'] }] });
  await until((event) => event.event === 'jobs' && event.data.some(({ inRate }) => inRate > 0));
  await client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
  await until((event) => jobsIn(event).includes('a cancelled'));
});

test('who follows everything is told of a change though another joins before the next look at the jobs', async () => {
  const { leader, server, submit } = await cluster();
  await submit('a');
  const { until } = await following(server.url);
  await until(({ event }) => event === 'workers');
  await leader.find('a').cancel();
  await expect.poll(() => leader.find('a').endedAt).toBeDefined();
  // That it has ended is the last change there is, and the second client has been told of it.
  expect(jobsIn((await following(server.url)).first)).toEqual(['a cancelled']);
  await until((event) => jobsIn(event).includes('a cancelled'));
});

function jobsIn(event: ClusterEvent): string[] {
  return event.event === 'jobs' ? event.data.map(({ job, state }) => `${job} ${state}`) : [];
}

async function following(url: string) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const answer = await httpCall(`${url}/v1/events`, { headers: { authorization: 'Bearer a token of this test' }, agent: false, signal: gone.signal });
  const events = parse(answer);
  const next = async () => {
    const { value, done } = await events.next();
    if (done === true) throw new Error('the events ended');
    return value;
  };
  const until = async (isWanted: (event: ClusterEvent) => boolean) => {
    for (;;) {
      const event = await next();
      if (isWanted(event)) return event;
    }
  };
  return { first: await next(), until };
}

async function* parse(answer: AsyncIterable<Buffer>): AsyncGenerator<ClusterEvent> {
  let kept = '';
  for await (const chunk of answer) {
    const blocks = (kept + chunk.toString()).split('\n\n');
    kept = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      yield clusterEvent.parse({ event, data: JSON.parse(data) });
    }
  }
}
