import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processStartTime } from '../../src/base/process-identity.ts';
import { cancelJob } from '../../src/cli/cancel.ts';
import { HttpServer } from '../../src/control/http-server.ts';
import { OK, leaderRoutes } from '../../src/control/routes.ts';
import { jobFolder, writeLeaderFile } from '../../src/leader/job-folder.ts';
import { readJobRecord } from '../../src/leader/job-record.ts';
import { cluster, dataFolder, failureOf, mutelyLiveJob, pidsOf, screen, viewOf } from './harness.ts';

test('when it returns the job has ended, its operators are gone, and nothing is at the destination', async () => {
  const { dataDir, client, submit } = await cluster();
  await submit('a');
  const pids = await pidsOf(client, 'a');
  const { terminal, out } = screen();
  await cancelJob({ dataDir, json: false }, terminal);
  expect(out()).toBe('cancelled job a\n');
  expect(await readJobRecord(dataDir, 'a')).toMatchObject({ standing: 'ended', view: { state: 'cancelled' } });
  expect(pids.map((pid) => processStartTime(pid))).toEqual([undefined, undefined, undefined]);
  expect(existsSync(join(dataDir, 'a.out'))).toBe(false);
});

test('of several jobs the named one is cancelled, one that waits for its workers too', async () => {
  const { dataDir, submit } = await cluster({ workers: 0 });
  await submit('a');
  await submit('b');
  const { terminal, out } = screen();
  await cancelJob({ dataDir, job: 'a', json: true }, terminal);
  expect(JSON.parse(out())).toEqual({ job: 'a', state: 'cancelled' });
  expect((await readJobRecord(dataDir, 'b'))?.standing).toBe('live');
});

test('a leader that ended with its job before it could answer is no failure', async () => {
  const { dataDir, leader, server, submit } = await cluster();
  await submit('a');
  const { terminal, out } = screen();
  const cancelled = cancelJob({ dataDir, json: false }, terminal);
  const run = leader.find('a');
  while (run.endedAt === undefined) await run.change(new AbortController().signal);
  await server.close();
  await cancelled;
  expect(out()).toBe('cancelled job a\n');
});

test('a job that was past cancelling is waited for, and how it ended is told', async () => {
  const dataDir = await dataFolder();
  const server = new HttpServer('t');
  onTestFinished(() => server.close());
  const asked: unknown[] = [];
  server.serve(leaderRoutes.cancel, () => OK);
  server.serve(leaderRoutes.job, (_, params, query) => {
    asked.push(query['state']);
    return viewOf(params['job'] ?? '', { state: asked.length < 3 ? 'publishing' : 'done' });
  });
  await server.listen({ host: '127.0.0.1', port: 0 }, true);
  await writeLeaderFile(jobFolder(dataDir, 'a'), { url: server.url, token: 't', pid: process.pid });
  expect(await failureOf(() => cancelJob({ dataDir, json: false }, screen().terminal))).toBe(
    'NOT_CANCELLED job a was not cancelled: it has ended (done)\n> A job whose result is just being put in place runs to its end.',
  );
  expect(asked).toEqual([undefined, 'publishing', 'publishing']);
});

test('a leader that does not answer is told', async () => {
  const dataDir = await dataFolder();
  await mutelyLiveJob(dataDir, 'a');
  expect(await failureOf(() => cancelJob({ dataDir, json: false }, screen().terminal))).toContain('UNREACHABLE nobody answers at http://127.0.0.1:9');
});
