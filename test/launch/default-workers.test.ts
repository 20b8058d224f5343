import { expect, test } from 'vitest';
import { defaultWorkers } from '../../src/launch/default-workers.ts';
import type { JobAutoscale } from '../../src/job/scale-policy.ts';
import { parseStages } from '../../src/job/stage-grammar.ts';
import type { LogTuples } from '../../src/job/stage-spec.ts';

function workers(stages: string, { cores = 4, fuse = true, logTuples = 'first', autoscale }: { cores?: number; fuse?: boolean; logTuples?: LogTuples; autoscale?: JobAutoscale } = {}): number {
  return defaultWorkers({ stages: parseStages(stages), fuse, logTuples, autoscale }, cores);
}

test('as many as cores, and no more than tasks', () => {
  expect([workers('identity'), workers('identity:3'), workers('identity:9'), workers('filter=a,aggregate:2'), workers('filter=a,cmd=sort')]).toEqual([1, 3, 4, 3, 2]);
  expect(workers('identity:9', { cores: 1 })).toBe(1);
});

test('as many as cores where tasks may be added', () => {
  const policy = { kind: 'auto' } as const;
  expect([false, true].map((dryRun) => workers('identity', { autoscale: { policy, dryRun } }))).toEqual([4, 1]);
});

test('stages that will be one have one task', () => {
  expect([workers('filter=a,aggregate'), workers('cmd=sort,cmd=uniq')]).toEqual([1, 1]);
  expect([workers('cmd="sort $A",cmd=uniq'), workers('filter=a,aggregate', { fuse: false }), workers('filter=a,aggregate', { logTuples: 'all' })]).toEqual([2, 2, 2]);
});
