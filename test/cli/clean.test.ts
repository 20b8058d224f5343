import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanJobs } from '../../src/cli/clean.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { dataFolder, deadJob, endedJob, mutelyLiveJob, screen, writeLogs } from './harness.ts';

const KIB = Buffer.alloc(1024);

async function clean(dataDir: string, options: Partial<Parameters<typeof cleanJobs>[0]> = {}): Promise<{ left: string[]; out: string; err: string }> {
  const { terminal, out, err } = screen();
  await cleanJobs({ dataDir, json: false, ...options }, terminal);
  return { left: (await readdir(join(dataDir, 'jobs'))).toSorted(), out: out(), err: err() };
}

test('every ended and dead job goes, live ones stay', async () => {
  const dataDir = await dataFolder();
  await mutelyLiveJob(dataDir, '1-live');
  await endedJob(dataDir, '2-done', {}, { '1-0': KIB });
  await deadJob(dataDir, '3-dead');
  const { left, out, err } = await clean(dataDir);
  expect(left).toEqual(['1-live']);
  expect(out).toMatch(/^removed 3-dead, \d+ k?B\nremoved 2-done, 2 kB\n2 removed, \d kB freed\n$/);
  expect(err).toBe('');
});

test('JSON tells what went and the bytes freed', async () => {
  const dataDir = await dataFolder();
  await writeLogs(dataDir, '1', { '1-0': KIB, '2-0': KIB });
  const { out } = await clean(dataDir, { all: true, json: true });
  expect(JSON.parse(out)).toEqual({ removed: [{ job: '1', bytes: 2048 }], bytes: 2048 });
});

test('as many of the newest are kept as is asked for, by number and by bytes', async () => {
  const dataDir = await dataFolder();
  for (const job of ['1', '2', '3', '4', '5']) await endedJob(dataDir, job, {}, { '1-0': Buffer.alloc(100_000) });
  await mutelyLiveJob(dataDir, '0-live');
  expect((await clean(dataDir, { keepJobs: 4 })).left).toEqual(['0-live', '2', '3', '4', '5']);
  expect((await clean(dataDir, { keepBytes: 350_000 })).left).toEqual(['0-live', '3', '4', '5']);
  expect((await clean(dataDir, { keepJobs: 2, keepBytes: 150_000 })).left).toEqual(['0-live', '5']);
  expect((await clean(dataDir, { keepJobs: 0 })).left).toEqual(['0-live']);
});

test('a folder that does not tell whether its job lives is kept, and said, unless all is asked for', async () => {
  const dataDir = await dataFolder();
  await writeLogs(dataDir, '1-worker', { '1-0': KIB });
  await mkdir(jobFolder(dataDir, '2-broken'), { recursive: true });
  await writeFile(join(jobFolder(dataDir, '2-broken'), 'leader.json'), '{');
  const { left, out, err } = await clean(dataDir);
  expect(left).toEqual(['1-worker', '2-broken']);
  expect(out).toBe('nothing to remove\n');
  expect(err).toContain('kept, since nothing here tells whether they still run: 2-broken, 1-worker\n');
  expect(err).toContain(join('2-broken', 'leader.json'));
  expect((await clean(dataDir, { all: true })).left).toEqual([]);
});

test('where there is no data folder there is nothing to remove, and none is made', async () => {
  const dataDir = join(await dataFolder(), 'none');
  const { terminal, out } = screen();
  await cleanJobs({ dataDir, json: false }, terminal);
  expect(out()).toBe('nothing to remove\n');
  expect(existsSync(dataDir)).toBe(false);
});
