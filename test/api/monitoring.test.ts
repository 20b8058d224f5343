/** What programs that watch the leader get, of real jobs. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { httpCall } from '../../src/control/http-call.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import { cluster, type Cluster } from '../cli/harness.ts';
import { firstColumn } from '../project/markdown.ts';
import { site } from './browser.ts';
import { parseMetrics, type Metrics } from './metric-parser.ts';

async function metricsOf({ server }: Cluster): Promise<Metrics> {
  const answer = await httpCall(`${server.url}/metrics`, { headers: { authorization: 'Bearer a token of this test' }, agent: false });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parseMetrics(await text(answer));
}

/** Those whose values may only grow. */
function counters({ types, values }: Metrics): [string, number][] {
  return [...values].filter(([name]) => types.get(name.replace(/\{.*/, '')) === 'counter');
}

const FIRST = '{job="a",stage="1",name="cat",task="1-0"}';

describe('of a running job', () => {
  test('what Prometheus reads follows its rules, grows with the job, and never goes down when a task is killed', async () => {
    const there = await cluster();
    await there.submit('a');
    await expect.poll(async () => (await metricsOf(there)).values.get(`rainstorm_task_tuples_in_total${FIRST}`), { timeout: 10_000 }).toBeGreaterThan(20);
    const before = await metricsOf(there);
    expect(before.values.get('rainstorm_job_state{job="a",state="running"}')).toBe(1);
    expect(before.values.get('rainstorm_job_state{job="a",state="done"}')).toBe(0);
    expect(before.values.get('rainstorm_stage_tasks{job="a",stage="1",name="cat"}')).toBe(2);
    expect(before.values.get(`rainstorm_task_restarts_total${FIRST}`)).toBe(0);
    expect([before.values.get('rainstorm_workers'), before.values.get('rainstorm_worker_tasks{worker="w1"}')]).toEqual([1, 5]);
    expect(before.values.get('rainstorm_worker_memory_bytes{worker="w1"}')).toBeGreaterThan(1_000_000);
    await there.client.call(leaderRoutes.killTask, undefined, { params: { job: 'a', task: '1-0' } });
    await expect.poll(async () => {
      const now = await metricsOf(there);
      for (const [name, value] of counters(before)) expect(now.values.get(name), name).toBeGreaterThanOrEqual(value);
      return now.values.get(`rainstorm_task_restarts_total${FIRST}`);
    }, { timeout: 10_000 }).toBe(1);
    const [view, now] = [await there.client.call(leaderRoutes.job, undefined, { params: { job: 'a' } }), await metricsOf(there)];
    for (const { stage, name, inTuples } of view.stages) {
      expect(now.values.get(`rainstorm_stage_tuples_in_total{job="a",stage="${stage}",name="${name}"}`)).toBeGreaterThanOrEqual(inTuples);
    }
  });

  test('an ended one keeps its last figures for those who come by now and then', async () => {
    const there = await cluster();
    await there.submit('a');
    await there.client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
    const { values } = await metricsOf(there);
    expect([values.get('rainstorm_job_state{job="a",state="cancelled"}'), values.get('rainstorm_job_state{job="a",state="running"}')]).toEqual([1, 0]);
    expect(values.get('rainstorm_job_end_time_seconds{job="a"}')).toBeGreaterThanOrEqual(values.get('rainstorm_job_start_time_seconds{job="a"}') ?? Infinity);
    expect(values.has(`rainstorm_task_tuples_in_total${FIRST}`)).toBe(true);
  });

  test('everything that is told is listed in the documents, and nothing else', async () => {
    const there = await cluster();
    await there.submit('a');
    const live = await metricsOf(there);
    await there.client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
    const told = new Set([...live.types.keys(), ...(await metricsOf(there)).types.keys()]);
    const listed = firstColumn(readFileSync(new URL('../../docs/monitoring.md', import.meta.url), 'utf8'), 'metric');
    expect(listed.toSorted()).toEqual([...told].toSorted());
  });

  test('the dashboard for Grafana shows figures that there are', async () => {
    const there = await cluster();
    await there.submit('a');
    const text = readFileSync(new URL('../../configs/grafana-dashboard.json', import.meta.url), 'utf8');
    const { panels } = JSON.parse(text) as { panels: { title: string; targets?: { expr: string }[] }[] };
    const shown = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr.match(/\b(?:rainstorm|process|nodejs)_\w+/g) ?? []));
    expect(shown.length).toBeGreaterThan(8);
    const { types } = await metricsOf(there);
    expect(shown.filter((name) => !types.has(name))).toEqual([]);
  });
});

describe('whether the leader is ready', () => {
  test('is nobody\'s secret, and changes when it has taken over what it had to', async () => {
    const { ask, leader } = await site({ resumes: true });
    const before = await ask('/readyz');
    expect([before.status, JSON.parse(before.body)]).toEqual([503, { ready: false, reason: 'it is taking over the jobs of the leader before it' }]);
    expect((await ask('/healthz')).status).toBe(200);
    leader.resumed();
    const after = await ask('/readyz');
    expect([after.status, JSON.parse(after.body)]).toEqual([200, { ready: true }]);
  });

  test('is all that is told without the token', async () => {
    const { ask, askWithToken, logIn } = await site();
    expect((await ask('/metrics')).status).toBe(401);
    expect((await ask('/metrics', { headers: { cookie: await logIn() } })).status).toBe(200);
    expect(parseMetrics((await askWithToken('/metrics')).body).values.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  });
});
