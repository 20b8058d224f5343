import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jobFolder, removeLeaderFile, writeJobFile, writeLeaderFile } from '../../src/leader/job-folder.ts';
import { readJobRecord, readJobRecords, stateOfRecord } from '../../src/leader/job-record.ts';
import { dataFolder, deadJob, endedJob, mutelyLiveJob, viewOf } from '../cli/harness.ts';

describe('how a job stands is told from its folder', () => {
  test('live while its leader lives, ended by what it wrote, died by what it did not', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, '1-done');
    await endedJob(dataDir, '2-failed', { state: 'failed' });
    await deadJob(dataDir, '3-dead');
    await mutelyLiveJob(dataDir, '4-live');
    const records = await readJobRecords(dataDir);
    expect(records.map((record) => [record.job, stateOfRecord(record)])).toEqual([
      ['4-live', 'live'], ['3-dead', 'died'], ['2-failed', 'failed'], ['1-done', 'done'],
    ]);
    expect(records.flatMap((record) => record.problems)).toEqual([]);
  });

  test('an end that was written counts though the leader\'s file is still there', async () => {
    const dataDir = await dataFolder();
    await mutelyLiveJob(dataDir, 'a');
    await writeJobFile(jobFolder(dataDir, 'a'), viewOf('a', { state: 'cancelled' }));
    expect((await readJobRecord(dataDir, 'a'))?.standing).toBe('ended');
  });

  test('a leader that has only just begun is live before it has described the job', async () => {
    const dataDir = await dataFolder();
    await writeLeaderFile(jobFolder(dataDir, 'a'), { url: 'http://127.0.0.1:9', token: 't', pid: process.pid });
    expect(await readJobRecord(dataDir, 'a')).toMatchObject({ standing: 'live', view: undefined });
  });

  test('no end and no leader\'s file: it died', async () => {
    const dataDir = await dataFolder();
    await mutelyLiveJob(dataDir, 'a');
    await removeLeaderFile(jobFolder(dataDir, 'a'));
    expect((await readJobRecord(dataDir, 'a'))?.standing).toBe('died');
  });

  test('a process that was given a dead leader\'s pid is not taken for it', async () => {
    const dataDir = await dataFolder();
    await writeLeaderFile(jobFolder(dataDir, 'a'), { url: 'http://127.0.0.1:9', token: 't', pid: process.pid, startTime: 'long ago' });
    expect((await readJobRecord(dataDir, 'a'))?.standing).toBe('died');
  });

  test('logs alone, as a worker has them: unknown', async () => {
    const dataDir = await dataFolder();
    await mkdir(join(jobFolder(dataDir, 'a'), 'logs'), { recursive: true });
    expect(await readJobRecord(dataDir, 'a')).toMatchObject({ standing: 'unknown', problems: [] });
  });
});

describe('broken files are told in one line each, and hide no other job', () => {
  test.each([
    ['leader.json', '{"url": 1}'],
    ['leader.json', '{"url": '],
    ['job.json', '{"job": "a"}'],
    ['job.json', ''],
  ])('%s with %j', async (name, content) => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a');
    await mkdir(jobFolder(dataDir, 'b'), { recursive: true });
    await writeFile(join(jobFolder(dataDir, 'b'), name), content);
    const [b, a] = await readJobRecords(dataDir);
    expect(a).toMatchObject({ job: 'a', standing: 'ended' });
    expect(b).toMatchObject({ job: 'b', standing: 'unknown', problems: [expect.stringContaining(join('b', name))] });
    expect(b?.problems[0]).not.toContain('\n');
  });

  test('a broken leader\'s file does not make a job dead', async () => {
    const dataDir = await dataFolder();
    await mutelyLiveJob(dataDir, 'a');
    await writeFile(join(jobFolder(dataDir, 'a'), 'leader.json'), 'x');
    expect((await readJobRecord(dataDir, 'a'))?.standing).toBe('unknown');
  });
});

test('no folder, no jobs', async () => {
  const dataDir = await dataFolder();
  await rm(dataDir, { recursive: true });
  expect(await readJobRecords(dataDir)).toEqual([]);
  expect(await readJobRecord(dataDir, 'a')).toBeUndefined();
});

test('a file among the folders is no job, and a name does not lead out of the folder', async () => {
  const dataDir = await dataFolder();
  await endedJob(dataDir, 'a');
  await writeFile(join(dataDir, 'jobs', 'note.txt'), 'x');
  expect((await readJobRecords(dataDir)).map((record) => record.job)).toEqual(['a']);
  for (const name of ['', '.', '..', '../jobs', 'a/logs', 'note.txt']) expect(await readJobRecord(dataDir, name)).toBeUndefined();
});
