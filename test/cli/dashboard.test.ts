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

test('where no leader lives that is said', async () => {
  const dataDir = await dataFolder();
  expect(await failureOf(() => dashboard({ dataDir, ...ONLY_PRINTED }))).toMatch(/^NO_LIVE_JOB /);
  await endedJob(dataDir, 'a');
  await deadJob(dataDir, 'b');
  expect(await failureOf(() => dashboard({ dataDir, ...ONLY_PRINTED }))).toMatch(/^NO_LIVE_JOB .*\n.*b \(died\), a \(done\)/);
});
