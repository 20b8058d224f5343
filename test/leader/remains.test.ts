/** What is left of jobs when they are over: never their journals. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import type { Submission } from '../../src/control/schemas.ts';
import { logName } from '../../src/job/task-id.ts';
import { jobFolder, pruneJobs } from '../../src/leader/job-folder.ts';
import { JobJournal, type Submitted } from '../../src/leader/job-journal.ts';
import { Leader } from '../../src/leader/leader.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import { cluster, dataFolder, deadJob, pidsOf, slowJob } from '../cli/harness.ts';
import { stagePlan } from '../task/stage-plan.ts';

async function store(folder: string): Promise<DiskStore> {
  return await DiskStore.open({ folder, durability: 'process' });
}

/** A log with one record. */
async function writeLog(folder: string, name: string): Promise<void> {
  const log = await (await store(folder)).open(name, 1);
  await log.append(1, [Buffer.from('x')]);
  await log.close();
}

describe('the end of a job takes its journals away', () => {
  test('its own store as a whole', async () => {
    const { dataDir, client, submit } = await cluster();
    await submit('a');
    expect((await (await store(join(jobFolder(dataDir, 'a'), 'store'))).names()).length).toBe(5);
    await client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
    expect((await readdir(jobFolder(dataDir, 'a'))).toSorted()).toEqual(['job.json', 'logs', 'views.json']);
  });

  test('also where it fails', async () => {
    const { dataDir, client, leader } = await cluster();
    const spec = await slowJob(dataDir, 'a');
    const failing = { ...spec.stages[0], name: 'false', program: { kind: 'command', commandLine: 'false' }, tasks: 1, maxRestarts: 0 };
    await client.call(leaderRoutes.submit, { job: 'a', spec: { ...spec, stages: [failing] }, workers: 1 } as Submission);
    await expect.poll(() => leader.find('a').state, { timeout: 10_000 }).toBe('failed');
    await expect.poll(async () => (await readdir(jobFolder(dataDir, 'a'))).toSorted(), { timeout: 10_000 }).toEqual(['job.json', 'logs', 'views.json']);
  });

  test('of a store that others use, its own logs only', async () => {
    const { dataDir, client } = await cluster();
    const shared = join(dataDir, 'shared');
    for (const other of ['b', 'a b']) await writeLog(shared, `${other} 1.1.0`);
    await client.call(leaderRoutes.submit, { job: 'a', spec: { ...await slowJob(dataDir, 'a'), store: shared }, workers: 1 } as Submission);
    await expect.poll(async () => (await pidsOf(client, 'a')).length, { timeout: 10_000 }).toBe(3);
    expect(await (await store(shared)).names()).toContain('a 1.1.0');
    await client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
    expect(await (await store(shared)).names()).toEqual(['a b 1.1.0', 'b 1.1.0']);
  });
});

describe('a job that has died keeps its journals', () => {
  test('whatever becomes of others, until it is removed: then they go, wherever they are', async () => {
    const dataDir = await dataFolder();
    const shared = join(dataDir, 'shared');
    await deadJob(dataDir, 'a');
    await writeLog(shared, logName('a', { stage: 1, generation: 1, index: 0 }));
    await writeLog(shared, 'b 1.1.0');
    await writeJournal(dataDir, 'a', shared);

    const leader = await Leader.start({ dataDir, token: 't', clock: systemClock, keep: { jobs: 9, bytes: 1e9 }, replacesWorkers: false });
    onTestFinished(() => leader.close());
    const run = await leader.submit({ job: 'c', spec: await slowJob(dataDir, 'c'), workers: 1 } as Submission);
    await run.cancel();
    expect(await (await store(shared)).names()).toEqual(['a 1.1.0', 'b 1.1.0']);
    expect(existsSync(join(jobFolder(dataDir, 'a'), 'leader'))).toBe(true);

    expect(await pruneJobs(dataDir, { jobs: 0, bytes: 0 }, (job) => job !== 'a')).toEqual([{ job: 'a', problem: undefined }]);
    expect(await (await store(shared)).names()).toEqual(['b 1.1.0']);
    expect(existsSync(jobFolder(dataDir, 'a'))).toBe(false);
  });
});

async function writeJournal(dataDir: string, job: string, folder: string): Promise<void> {
  const spec = await slowJob(dataDir, job);
  const journal = await JobJournal.open(jobFolder(dataDir, job));
  await journal.append({
    kind: 'submitted',
    submission: { job, spec: spec as Submitted['submission']['spec'], workers: 1 },
    startedAt: '2026-01-01T00:00:00.000Z',
    plan: {
      stages: [stagePlan()], source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C',
      lineBuffered: false, logTuples: 'off',
    } as Submitted['plan'],
    source: { kind: 'files', files: [] },
    sink: { kind: 'file', path: spec.dest },
    store: { folder, identity: 'x', durability: 'process', limitBytes: 1 << 30 },
    notes: [],
    remarks: [],
  });
  await journal.close();
}
