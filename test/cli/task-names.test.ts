import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unknownTask } from '../../src/cli/task-names.ts';
import { parseTaskId, taskId } from '../../src/job/task-id.ts';

test('every task\'s id is read back', () => {
  fc.assert(fc.property(fc.nat(10_000), fc.nat(255), (stage, index) => {
    expect(parseTaskId(taskId({ stage, index }))).toEqual({ stage, index });
  }));
});

test.each(['', '2', '2-', '-0', '2-0 ', '02-0', '2-00', '2-0-1', 'leader', '２-0'])('%j is no task\'s id', (text) => {
  expect(parseTaskId(text)).toBeUndefined();
});

test('tasks are told by stages, in the order of numbers', () => {
  const tasks = [{ stage: 10, index: 0 }, { stage: 2, index: 1 }, { stage: 2, index: 0 }, { stage: 2, index: 10 }];
  expect(unknownTask('no', tasks).hint).toBe('Its tasks: 2-0 to 2-10, 10-0.');
});
