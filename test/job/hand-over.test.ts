import { describe, expect, test } from 'vitest';
import { handOverOf, mustFreeze, notScalable } from '../../src/job/hand-over.ts';
import type { Partitioning, StagePlan } from '../../src/job/plan.ts';
import { stagePlan } from '../task/stage-plan.ts';

const KEY: Partitioning = { kind: 'column', column: 1 };
const OPERATORS = { program: { kind: 'operators', operators: [] } } as unknown as Partial<StagePlan>;

describe('what a stage leaves to its next generation', () => {
  test.each([
    ['replay', false, 'input'], ['replay', true, 'input'], ['fold', false, 'lines'], ['fold', true, 'lines'],
    ['snapshot', true, 'state'], ['snapshot', false, 'drain'], ['restart', false, 'drain'], ['restart', true, 'drain'],
  ] as const)('under the contract %s, keyed %s, is %s', (contract, keyed, handOver) => {
    const stage = stagePlan({ contract, ...(keyed ? { partitioning: KEY } : {}) });
    expect(handOverOf(stage)).toBe(handOver);
    expect(mustFreeze(stage), 'its tasks must have put out nothing').toBe(contract === 'replay');
  });
});

describe('a stage keeps its number of tasks', () => {
  test.each<[string, Partial<StagePlan>, string]>([
    ['that leaves tuples out', { onPoison: 'deadletter' }, 'it leaves out tuples that its operator dies of'],
    ['that was fused from stages with keys of their own', { keyedWithin: true }, 'it was fused from stages of one task with keys of their own'],
    ['whose one task reads the files of the source for a key', { readsFiles: [], partitioning: KEY }, 'its one task reads the files of the source itself'],
    ['whose tasks have only places in the files of the source to leave', { readsFiles: [], contract: 'replay' }, 'its contract is replay, and its tasks read the files of the source themselves'],
    ['that folds by the whole tuple', { contract: 'fold', partitioning: { kind: 'line' } }, 'its key is the whole tuple, which what its operator prints need not have'],
    ['with a state and no key', { contract: 'snapshot' }, 'its operator has a state, and the stage no key by which that could be divided'],
  ])('%s', (_, stage, reason) => {
    expect(notScalable(stagePlan(stage))?.reason).toBe(reason);
    expect(notScalable(stagePlan(stage))?.hint).toBeTypeOf('string');
  });

  test.each<[string, Partial<StagePlan>]>([
    ['with a state and a key', { contract: 'snapshot', partitioning: KEY }],
    ['of our operators, without a key', { contract: 'snapshot', ...OPERATORS }],
    ['whose tasks read the files of the source in no order', { readsFiles: [], contract: 'restart' }],
    ['that remembers nothing', { contract: 'restart' }],
    ['that folds', { contract: 'fold' }],
    ['of which all input is kept', { contract: 'replay' }],
    ['that fails at a tuple that its operator dies of', { onPoison: 'fail' }],
  ])('but not one %s', (_, stage) => {
    expect(notScalable(stagePlan(stage))).toBeUndefined();
  });
});
