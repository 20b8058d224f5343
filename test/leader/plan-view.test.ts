import { describe, expect, test } from 'vitest';
import type { PlanView } from '../../src/control/views.ts';
import { makePlan } from '../../src/job/make-plan.ts';
import { parseStageFlag } from '../../src/job/stage-flag.ts';
import type { JobSpec, StageSpec } from '../../src/job/stage-spec.ts';
import { viewOfPlan, type PlannedJob } from '../../src/leader/plan-view.ts';

const FILE = { path: '/in.txt', bytes: 1_000, gzip: false } as const;

interface Settings {
  readonly spec?: Partial<JobSpec>;
  readonly job?: Partial<PlannedJob>;
  readonly parts?: boolean;
  readonly readsFiles?: boolean;
}

function viewed(stages: readonly (string | StageSpec)[], { spec = {}, job = {}, parts = false, readsFiles = false }: Settings = {}): PlanView {
  const plan = makePlan({
    stages: stages.map((stage) => (typeof stage === 'string' ? parseStageFlag(stage) : stage)),
    sources: ['in.txt'], dest: 'out', header: false, outputHeader: true, overwrite: false, maxTupleBytes: 1 << 20, locale: 'C', lineBuffered: false,
    fuse: true, logTuples: 'first', delivery: 'exactly-once', durability: 'process', storeLimitBytes: 1 << 30, cwd: '/jobs', ...spec,
  }, { format: 'lines', headerRow: undefined, ...(readsFiles ? { files: [{ path: FILE.path, bytes: FILE.bytes, inode: 1, modifiedMs: 1 }] } : {}) });
  return viewOfPlan({ job: 'a', topology: { plan, parts }, source: { kind: 'files', files: [FILE] }, sink: { kind: 'file', path: '/out' }, journals: true, ...job });
}

describe('channels', () => {
  test('lead from every task to every task, by key, in turn, or to the only one', () => {
    expect(viewed(['grep a :2', 'sort @line:3', 'cat']).channels).toEqual([
      { from: 0, to: 1, count: 2, partition: 'round-robin' },
      { from: 1, to: 2, count: 6, partition: 'key' },
      { from: 2, to: 3, count: 3, partition: 'single' },
      { from: 3, to: 4, count: 1, partition: 'single' },
    ]);
  });

  test('to part files lead from each task to its own', () => {
    expect(viewed(['sort @line:3'], { parts: true }).channels.at(-1)).toEqual({ from: 1, to: 2, count: 3, partition: 'one-to-one' });
  });

  test('say where only places in files go through', () => {
    expect(viewed(['grep a'], { readsFiles: true }).channels[0]).toEqual({ from: 0, to: 1, count: 1, partition: 'single', within: 'file' });
  });
});

describe('stages', () => {
  test('say what runs, as it would be typed', () => {
    const programs = (...stages: string[]) => viewed(stages, { spec: { fuse: false } }).stages.map(({ program }) => program);
    expect(programs("grep -F 'a b' | tr a-z A-Z", 'filter=/^-x/', 'flatmap', 'x=1; echo $x')).toEqual(["grep -F 'a b' | tr a-z A-Z", 'filter=/^-x/', 'flatmap', 'x=1; echo $x']);
  });

  test('that were fused say of what, though the names of stages have bars in them', () => {
    const [stage] = viewed([{ ...parseStageFlag('grep a'), name: 'one | two' }, 'cut -c1', 'tr a b']).stages;
    expect(stage).toMatchObject({ stage: 3, fusedFrom: ['one | two', 'cut', 'tr'], program: 'grep a | cut -c1 | tr a b' });
    expect(viewed(['grep a']).stages[0]?.fusedFrom).toEqual([]);
  });

  test('name their key', () => {
    expect(viewed(['sort @line:2', 'sort @3:2', 'cat'], { spec: { fuse: false } }).stages.map(({ key }) => key)).toEqual(['line', 'column 3', undefined]);
  });

  test('say by whom their contract is known', () => {
    const contract = (stage: string | StageSpec) => {
      const [view] = viewed([stage]).stages;
      return [view?.contract, view?.contractBy];
    };
    expect(contract('filter=a')).toEqual(['snapshot', 'known']);
    expect(contract({ ...parseStageFlag('filter=a'), contract: 'replay' })).toEqual(['replay', 'declared']);
    expect(contract('grep a')).toEqual(['replay', 'assumed']);
    expect(contract({ ...parseStageFlag('grep a'), contract: 'restart' })).toEqual(['restart', 'declared']);
  });

  test('say what keeps their number of tasks', () => {
    const scalable = (stage: string | StageSpec, settings: Settings = {}) => viewed([stage], settings).stages[0]?.scalable;
    expect(scalable('aggregate=1:2')).toEqual({ ok: true });
    expect(scalable('sort @line:2')).toEqual({ ok: true, why: 'only as long as its tasks have put out nothing' });
    expect(scalable('aggregate=1:2', { parts: true })).toEqual({ ok: false, why: 'each of its tasks writes a file of its own' });
    expect(scalable('aggregate=1:2', { job: { journals: false } })).toEqual({ ok: false, why: 'the job keeps no journals' });
    expect(scalable({ ...parseStageFlag('aggregate=1:2'), onPoison: 'deadletter' })).toMatchObject({ ok: false });
  });
});

describe('journals', () => {
  test('of stages are kept, for what their contracts promise; or not at all', () => {
    expect(viewed(['filter=a']).stages[0]?.journal).toEqual({ kept: true, why: 'an operator that dies goes on from the state of its last checkpoint, and is fed what came after that' });
    expect(viewed(['filter=a'], { readsFiles: true }).stages[0]?.journal.why).toMatch(/; it holds where tuples stand in the files, not the tuples$/);
    expect(viewed(['filter=a'], { job: { journals: false } }).stages[0]?.journal).toMatchObject({ kept: false });
  });

  test('of a source are kept where it can be read only once', () => {
    expect(viewed(['cat']).sourceJournal.kept).toBe(false);
    expect(viewed(['cat'], { job: { source: { kind: 'stdin' } } })).toMatchObject({ source: 'stdin', sourceJournal: { kept: true } });
    expect(viewed(['cat'], { job: { source: { kind: 'files', files: [{ ...FILE, stream: true }] } } }).sourceJournal.kept).toBe(true);
  });
});

test('of many files some are named', () => {
  const files = Array.from({ length: 12 }, (_, index) => ({ ...FILE, path: `/${index}` }));
  expect(viewed(['cat'], { job: { source: { kind: 'files', files }, sink: { kind: 'stdout' } } })).toMatchObject({ source: '/0, /1, /2, /3, /4 and 7 more', sink: 'stdout' });
});
