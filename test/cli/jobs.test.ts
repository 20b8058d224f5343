import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listJobs } from '../../src/cli/jobs.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { cluster, dataFolder, deadJob, endedJob, mutelyLiveJob, screen } from './harness.ts';

async function listed(dataDir: string): Promise<{ lines: Record<string, unknown>[]; err: string }> {
  const { terminal, out, err } = screen();
  await listJobs({ dataDir, json: true }, terminal);
  return { lines: JSON.parse(out()) as Record<string, unknown>[], err: err() };
}

test('each job with its state, times, tuples and destination, the newest first', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, '1-a');
  await deadJob(dataDir, '2-b');
  expect((await listed(dataDir)).lines).toEqual([
    { job: '2-b', state: 'died', startedAt: '2025-03-01T12:00:00.000Z', endedAt: null, durationMs: null, inTuples: 9000, outTuples: 51, dest: 'out.csv', logs: 'logs' },
    { job: '1-a', state: 'done', startedAt: '2025-03-01T12:00:00.000Z', endedAt: '2025-03-01T12:01:05.000Z', durationMs: 65_000, inTuples: 9000, outTuples: 51, dest: 'out.csv', logs: 'logs' },
  ]);
});

test('people get a table', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, '1-a');
  const { terminal, out, err } = screen();
  await listJobs({ dataDir, json: false }, terminal);
  expect(out()).toMatch(/^JOB +STATE +STARTED +DURATION +IN +OUT +DEST\n1-a +done +2025-03-01 \d\d:\d\d:00 +1:05 +9000 +51 +out\.csv\n$/);
  expect(err()).toBe('');
});

test('no jobs are a remark and an empty list, no failure', async () => {
  const dataDir = await dataFolder();
  const { terminal, out, err } = screen();
  await listJobs({ dataDir, json: false }, terminal);
  expect([out(), err()]).toEqual(['', `rainstorm: no jobs in ${dataDir}\n`]);
  expect((await listed(dataDir)).lines).toEqual([]);
});

test('a broken file is told on stderr and hides no other job', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, '1-a');
  await mkdir(jobFolder(dataDir, '2-b'), { recursive: true });
  await writeFile(join(jobFolder(dataDir, '2-b'), 'job.json'), '{"job":');
  const { lines, err } = await listed(dataDir);
  expect(lines.map((line) => [line['job'], line['state'], line['dest']])).toEqual([['2-b', 'unknown', null], ['1-a', 'done', 'out.csv']]);
  expect(err).toContain(join('2-b', 'job.json'));
});

test('a live job is shown as its leader sees it just now', async () => {
  const { dataDir, submit, leader } = await cluster();
  await submit('1-a');
  await expect.poll(async () => (await listed(dataDir)).lines[0]?.['inTuples']).toBeGreaterThan(0);
  const { lines } = await listed(dataDir);
  expect(lines[0]).toMatchObject({ job: '1-a', state: 'running', endedAt: null, dest: join(dataDir, '1-a.out') });
  expect(lines[0]?.['durationMs']).toBeGreaterThan(0);
  await leader.find('1-a').cancel();
  expect((await listed(dataDir)).lines[0]).toMatchObject({ job: '1-a', state: 'cancelled' });
});

test('a leader that does not answer is said, and the job shown as it began', async () => {
  const dataDir = await dataFolder();
  await mutelyLiveJob(dataDir, '1-a');
  const { lines, err } = await listed(dataDir);
  expect(lines[0]).toMatchObject({ job: '1-a', state: 'running' });
  expect(err).toContain('rainstorm: job 1-a is shown as it was at its start: nobody answers at http://127.0.0.1:9');
});
