import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { JobJournal, removeJobJournal, type JournalRecord } from '../../src/leader/job-journal.ts';
import { stagePlan } from '../task/stage-plan.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rainstorm-journal-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function submitted(): JournalRecord {
  const spec = {
    stages: [], sources: ['in'], dest: 'out', header: false, outputHeader: true, overwrite: false, maxTupleBytes: 1024, locale: 'C',
    lineBuffered: false, fuse: false, logTuples: 'off', delivery: 'exactly-once', durability: 'process', storeLimitBytes: 1, cwd: '/',
  } as const;
  return {
    kind: 'submitted',
    submission: { job: 'j', spec: { ...spec, stages: [], sources: ['in'] }, workers: 2 },
    startedAt: '2026-01-01T00:00:00.000Z',
    plan: {
      stages: [stagePlan()],
      source: { format: 'lines', header: false },
      sink: { format: 'lines' },
      maxTupleBytes: 1024,
      locale: 'C',
      lineBuffered: false,
      logTuples: 'off',
    } as Extract<JournalRecord, { kind: 'submitted' }>['plan'],
    source: { kind: 'stdin' },
    sink: { kind: 'stdout' },
    notes: [],
    remarks: [],
  };
}

function placed(version: number): JournalRecord {
  return { kind: 'placed', version, secret: 's', windowBytes: 1, places: [{ stage: 0, index: 0, worker: 'w1', attempt: version }], workers: [], over: [], rescaled: [] };
}

async function open(path: string): Promise<JobJournal> {
  const journal = await JobJournal.open(path);
  onTestFinished(() => journal.close());
  return journal;
}

describe("a leader's journal", () => {
  test('tells the next leader what the job is, where it last was, and that it has ended', async () => {
    const path = await folder();
    const first = await open(path);
    expect(await first.read()).toBeUndefined();
    await first.append(submitted());
    await first.append(placed(1));
    const second = await open(path);
    expect(second.term).toBe(first.term + 1);
    expect(await second.read()).toMatchObject({ submitted: { startedAt: '2026-01-01T00:00:00.000Z' }, placed: { version: 1 }, ended: undefined });
    await second.append(placed(2));
    await second.append({ kind: 'ended', state: 'done' });
    expect(await (await open(path)).read()).toMatchObject({ placed: { version: 2 }, ended: { state: 'done' } });
  });

  test('J6: a leader whose journal was taken over can write nothing more', async () => {
    const path = await folder();
    const first = await open(path);
    await first.append(submitted());
    const second = await open(path);
    await expect(first.append({ kind: 'ended', state: 'failed' })).rejects.toMatchObject({ code: 'DEPOSED' });
    expect((await second.read())?.ended).toBeUndefined();
  });

  test('is gone when nobody will go on with the job', async () => {
    const path = await folder();
    await (await open(path)).close();
    expect(await readdir(path)).toEqual(['leader']);
    await removeJobJournal(path);
    expect(await readdir(path)).toEqual([]);
  });
});
