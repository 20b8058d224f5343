/** The events of a job, as a client reads them from the leader over HTTP. */
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { JobFeeds } from '../../src/api/job-events.ts';
import { httpCall } from '../../src/control/http-call.ts';
import { readJobEvents } from '../../src/control/event-stream.ts';
import type { JobEvent } from '../../src/control/job-event.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import { readLeaderFile, jobFolder } from '../../src/leader/job-folder.ts';
import { cluster, type Cluster } from '../cli/harness.ts';

type Named<Name extends JobEvent['event']> = Extract<JobEvent, { event: Name }>;

/** Follows a job; `until` gives the next event of a name, past all others. */
async function follow({ server, dataDir }: Cluster, job: string) {
  const token = (await readLeaderFile(jobFolder(dataDir, job)))?.token ?? '';
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const answer = await httpCall(`${server.url}/v1/jobs/${job}/events`, { headers: { authorization: `Bearer ${token}` }, agent: false, signal: gone.signal });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/event-stream']);
  const events = readJobEvents(answer as AsyncIterable<Buffer>);
  return {
    gone,
    until: async <Name extends JobEvent['event']>(name: Name): Promise<Named<Name>> => {
      for (;;) {
        const { value, done } = await events.next();
        if (done === true) throw new Error(`the events ended before ${name}`);
        if (value.event === name) return value as Named<Name>;
      }
    },
    rest: async () => {
      const all: JobEvent[] = [];
      for await (const event of events) all.push(event);
      return all;
    },
  };
}

describe('whoever follows a job', () => {
  test('and has left before it was let in is waited for by nobody', async () => {
    const { leader, submit } = await cluster();
    await submit('a');
    const run = leader.find('a');
    const told: string[] = [];
    for await (const event of new JobFeeds().of(leader.watch(run)).follow(AbortSignal.abort())) told.push(event);
    expect(told).toEqual([expect.stringMatching(/^event: job\n/)]);
    expect(run.waiters.count).toBe(0);
  });

  test('is told first what it is, then its rates, and in the end how it ended', async () => {
    const there = await cluster();
    await there.submit('a');
    const events = await follow(there, 'a');
    expect((await events.until('job')).data).toMatchObject({ job: 'a', state: 'running' });
    const moving = async () => {
      for (;;) {
        const { data } = await events.until('rates');
        if (data.stages.every(({ stage, inRate, outRate }) => (stage === 0 ? outRate : inRate) > 0)) return data;
      }
    };
    const { stages, tasks } = await moving();
    expect(stages.map(({ stage, tasks: count }) => [stage, count])).toEqual([[0, 1], [1, 2], [2, 1], [3, 1]]);
    expect(tasks.map(({ stage, index, state }) => `${stage}-${index} ${state}`)).toEqual(['0-0 running', '1-0 running', '1-1 running', '2-0 running', '3-0 running']);
    await there.client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
    expect((await events.rest()).at(-1)).toEqual({ event: 'state', data: { state: 'cancelled' } });
  });

  test('is told of tasks that are started again, and of changes in their number', async () => {
    const there = await cluster();
    await there.submit('a');
    const events = await follow(there, 'a');
    await events.until('rates');
    await there.client.call(leaderRoutes.killTask, undefined, { params: { job: 'a', task: '2-0' } });
    expect((await events.until('mark')).data).toMatchObject({ kind: 'kill', stage: 2, index: 0, text: 'task 2-0 was killed on request' });
    expect((await events.until('restart')).data).toEqual({ stage: 2, index: 0, attempt: 2, worker: 'w1' });
    expect((await events.until('mark')).data).toMatchObject({ kind: 'restart', stage: 2, index: 0, worker: 'w1' });
    there.leader.find('a').scaling.advise(1, 'HOLD stage 1: 2, not 3');
    expect((await events.until('advice')).data).toEqual({ stage: 1, text: 'HOLD stage 1: 2, not 3' });
    const change = { stage: 1, from: 2, to: 3, reason: 'too much to do' };
    there.leader.find('a').scaling.begin(change, new Date(0));
    expect((await events.until('scale')).data).toEqual({ number: 1, at: '1970-01-01T00:00:00.000Z', ...change, outcome: 'begun' });
  });

  test('may leave, and others go on being told; nothing is kept of who has left', async () => {
    const there = await cluster();
    await there.submit('a');
    const { waiters } = there.leader.find('a');
    const [leaving, staying] = [await follow(there, 'a'), await follow(there, 'a')];
    await leaving.until('rates');
    await staying.until('rates');
    // One for all who follow.
    expect(waiters.count).toBe(1);
    leaving.gone.abort();
    await staying.until('rates');
    await staying.until('rates');
    staying.gone.abort();
    await expect.poll(() => waiters.count, { timeout: 10_000 }).toBe(0);
  });

  test('after its end is told that it has ended', async () => {
    const there = await cluster();
    await there.submit('a');
    const { token } = (await readLeaderFile(jobFolder(there.dataDir, 'a'))) ?? { token: '' };
    await there.client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
    const answer = await httpCall(`${there.server.url}/v1/jobs/a/events`, { headers: { authorization: `Bearer ${token}` }, agent: false });
    expect((await text(answer)).match(/^event: .*$/gm)).toEqual(['event: job', 'event: state']);
  });

  test('needs the token, and a job', async () => {
    const there = await cluster();
    await there.submit('a');
    const { token } = (await readLeaderFile(jobFolder(there.dataDir, 'a'))) ?? { token: '' };
    const status = async (job: string, authorization: string) => (await httpCall(`${there.server.url}/v1/jobs/${job}/events`, { headers: { authorization }, agent: false })).statusCode;
    expect([await status('a', 'Bearer wrong'), await status('b', `Bearer ${token}`)]).toEqual([401, 404]);
  });
});
