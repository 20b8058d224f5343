import { describe, expect, test } from 'vitest';
import { fuseStages } from '../../src/job/fuse-stages.ts';
import { makePlan } from '../../src/job/make-plan.ts';
import type { JobPlan, StagePlan } from '../../src/job/plan.ts';
import { parseStageFlag } from '../../src/job/stage-flag.ts';
import { parseStages } from '../../src/job/stage-grammar.ts';
import type { Format, JobSpec, StageSpec } from '../../src/job/stage-spec.ts';
import { allTasks, consumersOf, partitioningAfter, producersOf, stageNumbers } from '../../src/job/topology.ts';
import { taskId } from '../../src/job/task-id.ts';

function plan(stages: readonly StageSpec[], rest: Partial<JobSpec> = {}, format: Format = 'csv'): JobPlan {
  return makePlan({
    stages, sources: ['in.csv'], dest: '-', header: false, outputHeader: true, overwrite: false, maxTupleBytes: 1 << 20, locale: 'C', lineBuffered: false,
    fuse: true, logTuples: 'first', delivery: 'exactly-once', durability: 'process', storeLimitBytes: 1 << 30, cwd: '/jobs', ...rest,
  }, { format, headerRow: undefined });
}

/** Each stage as its number, name and tasks. */
function shown({ stages }: JobPlan): string[] {
  return stages.map(({ number, name, tasks }) => `${number} ${name} x${tasks}`);
}

const EVERY = { kind: 'size', bytes: 4_096 } as const;

const commands = (...settings: Partial<StageSpec>[]) => settings.map((setting, index) => ({ ...parseStageFlag(index === 0 ? 'grep a' : 'mawk 1'), ...setting }));

describe('neighbours become one stage', () => {
  test.each([
    ['filter=a,aggregate=2', ['2 filter | aggregate x1']],
    ['filter=a,transform=1,aggregate', ['3 filter | transform | aggregate x1']],
    ['filter=a:3,transform=1:3,aggregate', ['2 filter | transform x3', '3 aggregate x1']],
    ['cmd="grep a",cmd="sort | uniq"', ['2 grep | sort x1']],
  ])('%s', (stages, expected) => expect(shown(plan(parseStages(stages)))).toEqual(expected));

  test('operators in one process, commands in a pipe', () => {
    const program = (stages: string) => plan(parseStages(stages)).stages[0]?.program;
    expect(program('filter=a,aggregate=2')).toEqual({
      kind: 'operators', operators: [{ operator: 'filter', args: ['--format', 'csv', 'a'] }, { operator: 'aggregate', args: ['--format', 'csv', '2'] }],
    });
    expect(program('cmd="grep a",cmd="sort | uniq"')).toEqual({ kind: 'chain', commands: [['grep', 'a'], ['sort'], ['uniq']] });
  });

  test('it takes what the first takes and gives what the last gives', () => {
    const [stage] = plan(parseStages('filter=a,flatmap')).stages;
    expect(stage).toMatchObject({ inputFormat: 'csv', outputFormat: 'lines', partitioning: { kind: 'spread' } });
    expect(plan(parseStages('aggregate=2,filter=a')).stages[0]).toMatchObject({ partitioning: { kind: 'column', column: 2 } });
  });
});

describe('neighbours stay apart', () => {
  test.each([
    ['with other numbers of tasks', 'filter=a,aggregate=2:3'],
    ['where keys are to meet', 'filter=a:3,aggregate=2:3'],
    ['an operator of ours and a command', 'filter=a,cmd="sort"'],
    ['shell text', 'cmd="grep $A",cmd="sort"'],
  ])('%s', (_, stages) => expect(plan(parseStages(stages)).stages).toHaveLength(2));

  test.each<[string, Partial<StageSpec>, Partial<StageSpec>]>([
    ['another contract', { contract: 'restart' }, {}],
    ['a fold', { contract: 'fold' }, { contract: 'fold' }],
    ['other checkpoints', { contract: 'restart', checkpointEvery: { kind: 'size', bytes: 1 } }, { contract: 'restart' }],
    ['output that is held', { contract: 'restart', release: 'committed' }, { contract: 'restart', release: 'committed' }],
    ['output of the first that is held', { contract: 'restart', release: 'committed', checkpointEvery: EVERY }, { contract: 'restart', checkpointEvery: EVERY }],
    ['output of the second that is held', { contract: 'restart', checkpointEvery: EVERY }, { contract: 'restart', release: 'committed', checkpointEvery: EVERY }],
    ['other statuses', { okExit: [3] }, {}],
    ['another environment', { env: { A: '1' } }, {}],
    ['another folder', { cwd: 'sub' }, {}],
    ['another number of restarts', { maxRestarts: 3 }, {}],
    ['another stall time-out', { stallTimeoutMs: 1 }, {}],
    ['other limits for autoscaling', { autoscale: { max: 4 } }, {}],
    ['tuples put aside', { onPoison: 'deadletter' }, { onPoison: 'deadletter' }],
    ['tuples put aside in the first', { onPoison: 'deadletter' }, {}],
    ['tuples put aside in the second', {}, { onPoison: 'deadletter' }],
  ])('%s', (_, first, second) => expect(plan(commands(first, second), {}, 'lines').stages).toHaveLength(2));

  test('where the job says so, and where the log of every tuple wants those between them', () => {
    const stages = parseStages('filter=a,aggregate=2');
    expect(plan(stages, { fuse: false }).stages).toHaveLength(2);
    expect(plan(stages, { logTuples: 'all' }).stages).toHaveLength(2);
    expect(plan(stages, { logTuples: 'off' }).stages).toHaveLength(1);
  });
});

describe('a stage with a key behind one task', () => {
  const stages = parseStages('filter=a,transform=1,aggregate=1');

  test('is fused, and binds all to that one task', () => {
    expect(plan(stages).stages.map(({ keyedWithin }) => keyedWithin)).toEqual([true]);
    expect(plan(parseStages('filter=a,transform=1')).stages[0]?.keyedWithin).toBeUndefined();
    expect(plan(parseStages('aggregate=2,filter=a')).stages[0]?.keyedWithin).toBeUndefined();
  });

  test.each([true, false])('stays apart where tasks may be added, dry run or not (%s)', (dryRun) => {
    expect(shown(plan(stages, { autoscale: { policy: { kind: 'auto' }, dryRun } }))).toEqual(['2 filter | transform x1', '3 aggregate x1']);
  });
});

test('a contract is declared where all of them are', () => {
  expect(plan(commands({ contract: 'replay' }, {})).stages[0]?.contractDeclared).toBe(false);
  expect(plan(commands({ contract: 'replay' }, { contract: 'replay' })).stages[0]?.contractDeclared).toBe(true);
});

test('a stage keeps its number, and has the next one that there is behind it', () => {
  const topology = { plan: plan(parseStages('filter=a,transform=1,aggregate=1:2')), parts: false };
  expect(stageNumbers(topology)).toEqual([0, 2, 3, 4]);
  expect(allTasks(topology).map(taskId)).toEqual(['0-0', '2-0', '3-0', '3-1', '4-0']);
  const [source, fused, first] = allTasks(topology);
  if (source === undefined || fused === undefined || first === undefined) throw new Error('four stages');
  expect(consumersOf(topology, source).map(taskId)).toEqual(['2-0']);
  expect(consumersOf(topology, fused).map(taskId)).toEqual(['3-0', '3-1']);
  expect(producersOf(topology, first).map(taskId)).toEqual(['2-0']);
  expect(producersOf(topology, fused).map(taskId)).toEqual(['0-0']);
  expect(partitioningAfter(topology, 2)).toEqual({ kind: 'column', column: 1 });
});

test('nothing is made of one stage', () => {
  const stages: StagePlan[] = [...plan(parseStages('filter=a')).stages];
  expect(fuseStages(stages)).toEqual(stages);
});
