import { expect, test } from 'vitest';
import { defaultWorkers } from '../../src/cli/default-workers.ts';
import { parseStages } from '../../src/job/stage-grammar.ts';
import type { LogTuples } from '../../src/job/stage-spec.ts';

function workers(stages: string, { cores = 4, fuse = true, logTuples = 'first' }: { cores?: number; fuse?: boolean; logTuples?: LogTuples } = {}): number {
  return defaultWorkers({ stages: parseStages(stages), fuse, logTuples }, cores);
}

test('as many as cores, and no more than tasks', () => {
  expect([workers('identity'), workers('identity:3'), workers('identity:9'), workers('filter=a,aggregate:2'), workers('filter=a,cmd=sort')]).toEqual([1, 3, 4, 3, 2]);
  expect(workers('identity:9', { cores: 1 })).toBe(1);
});

test('stages that will be one have one task', () => {
  expect([workers('filter=a,aggregate'), workers('cmd=sort,cmd=uniq')]).toEqual([1, 1]);
  expect([workers('cmd="sort $A",cmd=uniq'), workers('filter=a,aggregate', { fuse: false }), workers('filter=a,aggregate', { logTuples: 'all' })]).toEqual([2, 2, 2]);
});
