import { expect, test } from 'vitest';
import { findJob } from '../../src/cli/find-job.ts';
import { dataFolder, deadJob, endedJob, failureOf, mutelyLiveJob } from './harness.ts';

test('the one live job is found among ended and dead ones', async () => {
  const dataDir = await dataFolder();
  await mutelyLiveJob(dataDir, '1-live');
  await endedJob(dataDir, '2-done');
  await deadJob(dataDir, '3-dead');
  const { job, client, leader } = await findJob({ dataDir });
  expect([job, client.url, leader.pid]).toEqual(['1-live', 'http://127.0.0.1:9', process.pid]);
});

test('of several live ones one is named, or the user is asked to', async () => {
  const dataDir = await dataFolder();
  await mutelyLiveJob(dataDir, 'a');
  await mutelyLiveJob(dataDir, 'b');
  expect((await findJob({ dataDir, job: 'a' })).job).toBe('a');
  expect(await failureOf(() => findJob({ dataDir }))).toBe(`USAGE 2 jobs are live in ${dataDir}: b, a\n> Say which one you mean: --job JOB`);
});

test('where none is live the newest are named', async () => {
  const dataDir = await dataFolder();
  for (const job of ['1', '2', '3']) await endedJob(dataDir, job, { state: 'failed' });
  await deadJob(dataDir, '4');
  expect(await failureOf(() => findJob({ dataDir }))).toBe(`NO_LIVE_JOB no live job in ${dataDir}\n> The newest of 4: 4 (died), 3 (failed), 2 (failed). rainstorm jobs lists them all.`);
});

test('where there never was one, how to start one is said', async () => {
  const dataDir = await dataFolder();
  expect(await failureOf(() => findJob({ dataDir }))).toBe(`NO_LIVE_JOB no live job in ${dataDir}\n> rainstorm run starts one; --data-dir names another folder.`);
});

test('a named job that is not live is told how it stands', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, 'a');
  await deadJob(dataDir, 'b');
  expect(await failureOf(() => findJob({ dataDir, job: 'a' }))).toContain('NO_LIVE_JOB job a is not live: it has ended (done)');
  expect(await failureOf(() => findJob({ dataDir, job: 'b' }))).toContain('NO_LIVE_JOB job b is not live: its leader is gone');
});

test('a misspelt job is answered with the nearest one', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, '20250301-120000-ab12');
  expect(await failureOf(() => findJob({ dataDir, job: '20250301-120000-ab21' }))).toContain('> Did you mean 20250301-120000-ab12?');
  expect(await failureOf(() => findJob({ dataDir, job: 'xyz' }))).toBe(`UNKNOWN_JOB there is no job xyz in ${dataDir}\n> rainstorm jobs lists them.`);
});
