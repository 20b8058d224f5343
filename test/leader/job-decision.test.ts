import { describe, expect, test } from 'vitest';
import type { TaskFailure, TaskState, TaskStatus } from '../../src/job/task-status.ts';
import { decideJob } from '../../src/leader/job-decision.ts';

function status(stage: number, index: number, state: TaskState, more: Partial<TaskStatus> = {}): TaskStatus {
  return { stage, index, generation: 1, attempt: 1, state, groups: [], inTuples: 0, outTuples: 0, ...more };
}

function failure(message: string): TaskFailure {
  return { code: 'OPERATOR_FAILED', message, stderr: [] };
}

describe('what becomes of a job', () => {
  test('J1: it is published when every task has finished, not while one drains or has not been heard of', () => {
    const finished = [status(0, 0, 'finished'), status(1, 0, 'finished')];
    expect(decideJob([...finished, status(2, 0, 'finished')], 3)).toEqual({ kind: 'publish' });
    expect(decideJob([...finished, status(2, 0, 'draining')], 3)).toEqual({ kind: 'wait' });
    expect(decideJob(finished, 3)).toEqual({ kind: 'wait' });
    expect(decideJob([], 3)).toEqual({ kind: 'wait' });
  });

  test('one failed task fails it, and of several the one furthest upstream is named', () => {
    const statuses = [
      status(0, 0, 'finished'),
      status(2, 0, 'failed', { failure: failure('a consequence') }),
      status(1, 1, 'failed', { failure: failure('the cause') }),
    ];
    expect(decideJob(statuses, 3)).toEqual({ kind: 'fail', failure: failure('the cause') });
  });
});
