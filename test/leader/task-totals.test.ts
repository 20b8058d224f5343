import { expect, test } from 'vitest';
import type { TaskStatus } from '../../src/job/task-status.ts';
import { TaskTotals } from '../../src/leader/task-totals.ts';

const TASK = { stage: 1, index: 0 };

function status(said: Partial<TaskStatus>): TaskStatus {
  return { ...TASK, generation: 1, attempt: 1, state: 'running', groups: [], inTuples: 0, outTuples: 0, ...said };
}

function after(...said: Partial<TaskStatus>[]): TaskTotals {
  const totals = new TaskTotals();
  for (const one of said) totals.update(status(one));
  return totals;
}

test('a later attempt says again what an earlier one has said (TT1)', () => {
  const totals = after({ inTuples: 100, outTuples: 10 }, { attempt: 2, inTuples: 60, outTuples: 0 }, { attempt: 2, inTuples: 90, outTuples: 12 });
  expect(totals.of(TASK)).toEqual({ inTuples: 100, outTuples: 12, skippedTuples: 0, restarts: 1 });
});

test('what a generation said is added to what the next one says (TT2)', () => {
  const totals = after({ inTuples: 100, attempt: 3, skippedTuples: 1 }, { generation: 2, inTuples: 5, attempt: 2 }, { generation: 2, inTuples: 7, attempt: 2, skippedTuples: 2 });
  expect(totals.of(TASK)).toEqual({ inTuples: 107, outTuples: 0, skippedTuples: 3, restarts: 3 });
});

test('a late word of an older generation changes nothing', () => {
  const totals = after({ inTuples: 100 }, { generation: 2, inTuples: 5 }, { inTuples: 1_000 });
  expect(totals.of(TASK).inTuples).toBe(105);
});

test('a stage has all that went through tasks it has no more', () => {
  const totals = after({ inTuples: 1 }, { index: 1, inTuples: 10 }, { generation: 2, inTuples: 100 }, { stage: 11, inTuples: 1_000 });
  expect(totals.ofStage(1).inTuples).toBe(111);
  expect(totals.of({ stage: 2, index: 0 })).toEqual({ inTuples: 0, outTuples: 0, skippedTuples: 0, restarts: 0 });
});
