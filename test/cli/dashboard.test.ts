import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { dashboard } from '../../src/cli/dashboard.ts';
import { httpCall } from '../../src/control/http-call.ts';
import { writeLeaderFile } from '../../src/leader/job-folder.ts';
import { cluster, dataFolder, deadJob, endedJob, failureOf, mutelyLiveJob, screen } from './harness.ts';

const ONLY_PRINTED = { open: false, json: false };

async function statusOf(url: string): Promise<number | undefined> {
  const answer = await httpCall(url.trim(), { headers: {}, agent: false });
  answer.resume();
  return answer.statusCode;
}

test('a link to the leader of the live job, which logs a browser in', async () => {
  const { dataDir, server, submit } = await cluster({ workers: 0 });
  await submit('a');
  await submit('b');
  const { terminal, out } = screen();
  await dashboard({ dataDir, ...ONLY_PRINTED }, terminal);
  expect(out()).toMatch(new RegExp(`^${server.url}/login\\?code=\\S+\\n$`));
  expect([await statusOf(out()), await statusOf(out())]).toEqual([200, 401]);
});

test('a standing leader needs no job', async () => {
  const { dataDir, server } = await cluster({ workers: 0 });
  await writeLeaderFile(dataDir, { url: server.url, token: 'a token of this test', pid: process.pid });
  const { terminal, out } = screen();
  await dashboard({ dataDir, open: false, json: true }, terminal);
  expect(await statusOf((JSON.parse(out()) as { url: string }).url)).toBe(200);
});

test('where several leaders live, the job says which', async () => {
  const { dataDir, submit } = await cluster({ workers: 0 });
  await submit('a');
  await mutelyLiveJob(dataDir, 'b');
  expect(await failureOf(() => dashboard({ dataDir, ...ONLY_PRINTED }))).toMatch(/^USAGE jobs of several leaders are live in .*: b, a\n> Say whose dashboard you mean: --job JOB$/);
  const { terminal, out } = screen();
  await dashboard({ dataDir, job: 'a', ...ONLY_PRINTED }, terminal);
  expect(await statusOf(out())).toBe(200);
});

test('where no leader lives and no job has ended that is said', async () => {
  const dataDir = await dataFolder();
  expect(await failureOf(() => dashboard({ dataDir, ...ONLY_PRINTED }))).toMatch(/^NO_LIVE_JOB /);
  await deadJob(dataDir, 'b');
  expect(await failureOf(() => dashboard({ dataDir, ...ONLY_PRINTED }))).toMatch(/^NO_LIVE_JOB .*\n.*b \(died\)/);
});

test('where no leader lives the jobs that have ended are shown, and nothing is done', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, 'a');
  await deadJob(dataDir, 'b');
  const { terminal, out, err } = screen();
  const enough = Promise.withResolvers<void>();
  const serving = dashboard({ dataDir, job: 'a', ...ONLY_PRINTED }, terminal, enough.promise);
  await expect.poll(err).toMatch(/no leader lives in .*: this shows the jobs that have ended, until Ctrl-C/);
  const url = new URL(out().trim());
  const login = await httpCall(url.href, { headers: {}, agent: false });
  login.resume();
  const headers = { cookie: login.headers['set-cookie']?.[0]?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' };
  const ask = async (path: string, method = 'GET') => {
    const answer = await httpCall(`${url.origin}${path}`, { method, headers, agent: false });
    return { status: answer.statusCode, body: JSON.parse(await text(answer)) as unknown };
  };
  expect(await ask('/v1/jobs')).toMatchObject({ status: 200, body: [{ job: 'a', state: 'done' }] });
  expect(await ask('/v1/jobs/a')).toMatchObject({ status: 200, body: { job: 'a' } });
  for (const [method, path] of [['POST', '/v1/jobs'], ['DELETE', '/v1/jobs/a'], ['POST', '/v1/jobs/a/tasks/1-0/kill']]) expect(await ask(path ?? '', method)).toMatchObject({ status: 404, body: { code: 'NO_LIVE_JOB' } });
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: { reason: 'it only shows jobs that have ended' } });
  expect(await ask('/v1/logout', 'POST')).toMatchObject({ status: 200 });
  enough.resolve();
  await serving;
  await expect(ask('/v1/jobs')).rejects.toThrow();
});
