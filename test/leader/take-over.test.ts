import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SourceJournal } from '../../src/connect/source-journal.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { JobJournal, type JournalRecord, type Submitted } from '../../src/leader/job-journal.ts';
import { takeOver, type TakenOver } from '../../src/leader/take-over.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import { dataFolder, deadJob, failureOf, slowJob } from '../cli/harness.ts';
import { stagePlan } from '../task/stage-plan.ts';

/** A job whose leader died behind its first decision, or behind what else it `decided`. */
async function deadAtStart(dataDir: string, job: string, source: Submitted['source'] = { kind: 'files', files: [] }, decided: readonly JournalRecord[] = []): Promise<void> {
  await deadJob(dataDir, job);
  const spec = { ...await slowJob(dataDir, job), durability: 'host' } as Submitted['submission']['spec'];
  const journal = await JobJournal.open(jobFolder(dataDir, job), 'host');
  await journal.append({
    kind: 'submitted',
    submission: { job, spec, workers: 1 },
    startedAt: '2026-01-01T00:00:00.000Z',
    plan: {
      stages: [stagePlan()], source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C',
      lineBuffered: false, logTuples: 'off',
    } as Submitted['plan'],
    source,
    sink: { kind: 'file', path: spec.dest },
    store: { folder: join(dataDir, 'store'), identity: 'x', durability: 'host', limitBytes: 1 << 30 },
    notes: [],
    remarks: [],
  });
  for (const entry of decided) await journal.append(entry);
  await journal.close();
}

/** Counts how often a file is flushed, by whomever. */
async function countFlushes(folder: string): Promise<() => number> {
  await mkdir(folder, { recursive: true });
  const handle = await open(join(folder, 'any'), 'w');
  const flush = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'datasync');
  await handle.close();
  onTestFinished(() => flush.mockRestore());
  return () => flush.mock.calls.length;
}

test('J5: what a leader decides that has taken a job over survives a power failure, as what the one before decided', async () => {
  const dataDir = await dataFolder();
  await deadAtStart(dataDir, 'j');
  const flushes = await countFlushes(join(dataDir, 'beside'));
  const { journal, journaled, prepared } = await takeOver(dataDir, 'j', false);
  onTestFinished(async () => {
    await journal.close();
    await prepared.lock.release();
  });
  expect([journaled.submitted.submission.spec.durability, journal.term]).toEqual(['host', 2]);
  const before = flushes();
  await journal.append({ kind: 'ended', state: 'failed' });
  expect(flushes()).toBeGreaterThan(before);
});

describe('a job that read stdin', () => {
  const places = [{ stage: 0, index: 0, worker: 'edge', attempt: 3 }, { stage: 1, index: 0, worker: 'w1', attempt: 1 }];
  const placed = (at: typeof places): JournalRecord => ({ kind: 'placed', version: 1, secret: 's', windowBytes: 1, places: at, workers: [], over: [], rescaled: [] });
  const line = { bytes: Buffer.from('a line\n'), count: 1, ends: Uint32Array.of(7) };

  /** Its source's journal as the attempt left it that is in `places`. */
  async function recordSource(dataDir: string, ended: boolean): Promise<void> {
    const store = await DiskStore.open({ folder: join(dataDir, 'store'), durability: 'process' });
    const log = await store.open('j 0.1.0', 3);
    const journal = await SourceJournal.open(log);
    await journal.append(line);
    if (ended) await journal.end();
    await log.close();
  }

  async function taken(dataDir: string): Promise<TakenOver> {
    const over = await takeOver(dataDir, 'j', false);
    onTestFinished(async () => {
      await over.journal.close();
      await over.prepared.lock.release();
    });
    return over;
  }

  test('is taken over where the end of that is recorded; its source has one attempt more behind it', async () => {
    const dataDir = await dataFolder();
    await deadAtStart(dataDir, 'j', { kind: 'stdin' }, [placed(places)]);
    await recordSource(dataDir, true);
    expect((await taken(dataDir)).journaled.placed?.places).toEqual([{ ...places[0], attempt: 4 }, places[1]]);
  });

  test('is not, where it is not, however often that is tried', async () => {
    const dataDir = await dataFolder();
    await deadAtStart(dataDir, 'j', { kind: 'stdin' }, [placed(places)]);
    await recordSource(dataDir, false);
    for (const _ of [1, 2]) expect(await failureOf(() => takeOver(dataDir, 'j', false))).toMatch(/^NOT_RESUMABLE .* 1 tuples \(7 bytes\) of it are recorded/);
  });

  test('nor where it never began to; but a pipe is opened by who begins', async () => {
    const dataDir = await dataFolder();
    await deadAtStart(dataDir, 'j', { kind: 'stdin' });
    expect(await failureOf(() => takeOver(dataDir, 'j', false))).toMatch(/^NOT_RESUMABLE .* 0 tuples/);
    const other = await dataFolder();
    await deadAtStart(other, 'j', { kind: 'files', files: [{ path: '/pipe', bytes: 0, gzip: false, stream: true }] });
    expect((await taken(other)).journaled.placed).toBeUndefined();
  });

  test('is taken over where its source had finished, or the job had ended and its journals are gone', async () => {
    const finished = await dataFolder();
    await deadAtStart(finished, 'j', { kind: 'stdin' }, [placed(places.slice(1))]);
    expect((await taken(finished)).journaled.placed?.places).toEqual(places.slice(1));
    const ended = await dataFolder();
    await deadAtStart(ended, 'j', { kind: 'stdin' }, [placed(places), { kind: 'ended', state: 'done' }]);
    expect((await taken(ended)).journaled.ended).toEqual({ kind: 'ended', state: 'done' });
  });
});
