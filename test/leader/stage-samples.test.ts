import { describe, expect, test } from 'vitest';
import type { JobPlan } from '../../src/job/plan.ts';
import type { TaskStatus } from '../../src/job/task-status.ts';
import { taskId } from '../../src/job/task-id.ts';
import { JobScaling } from '../../src/leader/job-scaling.ts';
import type { TaskRate } from '../../src/leader/rates.ts';
import { isSourceOver, sampleStages, type SampledJob } from '../../src/leader/stage-samples.ts';
import { stagePlan } from '../task/stage-plan.ts';

const PLAN: JobPlan = {
  // Two stages that run as one have the number of the second.
  stages: [{ ...stagePlan(), number: 2, tasks: 2 }],
  source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C', lineBuffered: false, logTuples: 'off',
};

const RATE: TaskRate = { inRate: 10, outRate: 4, busyShare: 0.5, blockedShare: 0.1, backlogBytes: 7 };

function status(stage: number, index: number, change: Partial<TaskStatus> = {}): TaskStatus {
  return { stage, index, generation: 1, attempt: 1, state: 'running', groups: stage === 0 ? [] : [{ pid: 5 }], inTuples: 0, outTuples: 0, ...change };
}

function job(changes: Record<string, Partial<TaskStatus>> = {}, plan = PLAN): SampledJob & { readonly scaling: JobScaling } {
  const statuses = [status(0, 0), status(2, 0), status(2, 1), status(3, 0)].map((one) => ({ ...one, ...changes[taskId(one)] }));
  return {
    topology: { plan, parts: false },
    statuses: new Map(statuses.map((one) => [taskId(one), one])),
    scaling: new JobScaling(),
    rates: { latest: ({ index }) => (index === 0 ? RATE : { ...RATE, busyShare: 1, blockedShare: 0, backlogBytes: 3 }) },
  };
}

describe('what the autoscaler is told', () => {
  test('are sums of tuples and means of shares, of the source and all stages', () => {
    expect(sampleStages(job(), 0)).toEqual([
      { stage: 0, tasks: 1, inTuplesPerSecond: 10, outTuplesPerSecond: 4, backlogBytes: 7, busyShare: 0.5, blockedShare: 0.1, settled: true },
      { stage: 2, tasks: 2, inTuplesPerSecond: 20, outTuplesPerSecond: 8, backlogBytes: 10, busyShare: 0.75, blockedShare: 0.05, settled: true },
    ]);
  });

  test.each([
    ['whose operator is being started again', { groups: [] }, false],
    ['that is hosted anew', { state: 'starting' }, false],
    ['that has finished', { state: 'finished', groups: [] }, true],
  ] as const)('is whether a stage with a task %s is settled', (_, change, settled) => {
    expect(sampleStages(job({ '2-1': change }), 0)[1]?.settled).toBe(settled);
  });

  test('is that a stage is not settled while it is given other tasks', () => {
    const scaled = job();
    const number = scaled.scaling.begin({ stage: 2, from: 2, to: 3, reason: '' }, new Date());
    expect(sampleStages(scaled, 0).map(({ settled }) => settled)).toEqual([true, false]);
    scaled.scaling.done(number);
    expect(sampleStages(scaled, 0).map(({ settled }) => settled)).toEqual([true, true]);
  });

  test('is that the last stage is not settled while a sink is hosted anew', () => {
    expect(sampleStages(job({ '3-0': { state: 'starting' } }), 0).map(({ settled }) => settled)).toEqual([true, false]);
  });

  test('is the rate that the source is to have by now, where it has one', () => {
    const rate = [{ fromMs: 0, tuplesPerSecond: 100 }, { fromMs: 5000, tuplesPerSecond: 1000 }];
    const paced = job({}, { ...PLAN, source: { ...PLAN.source, rate } });
    expect([0, 4999, 5000, 60_000].map((ms) => sampleStages(paced, ms)[0]?.wantedTuplesPerSecond)).toEqual([100, 100, 1000, 1000]);
  });

  test('ends with the source', () => {
    expect([isSourceOver(job()), isSourceOver(job({ '0-0': { state: 'finished' } }))]).toEqual([false, true]);
  });
});
