import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { JobJournal, type Submitted } from '../../src/leader/job-journal.ts';
import { takeOver } from '../../src/leader/take-over.ts';
import { dataFolder, deadJob, slowJob } from '../cli/harness.ts';
import { stagePlan } from '../task/stage-plan.ts';

/** A job whose leader died behind its first decision. */
async function deadAtStart(dataDir: string, job: string): Promise<void> {
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
    source: { kind: 'files', files: [] },
    sink: { kind: 'file', path: spec.dest },
    store: { folder: join(dataDir, 'store'), identity: 'x', durability: 'host', limitBytes: 1 },
    notes: [],
    remarks: [],
  });
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
