/**
 * What to do with a running job, from what its workers last said: a pure function, so that every case can be tried.
 */
import type { TaskFailure, TaskStatus } from '../job/task-status.ts';

export type JobDecision =
  | { readonly kind: 'wait' }
  /** Every task has finished: make what the sinks hold the result. */
  | { readonly kind: 'publish' }
  | { readonly kind: 'fail'; readonly failure: TaskFailure };

/**
 * `expected`: how many tasks the job has. A failed task fails the job; of several, the one furthest upstream is named,
 * since what comes after it may have failed because of it.
 */
export function decideJob(statuses: readonly TaskStatus[], expected: number): JobDecision {
  const failed = statuses.filter((status) => status.failure !== undefined).toSorted((a, b) => a.stage - b.stage || a.index - b.index)[0];
  if (failed?.failure !== undefined) return { kind: 'fail', failure: failed.failure };
  if (statuses.length === expected && statuses.every((status) => status.state === 'finished')) return { kind: 'publish' };
  return { kind: 'wait' };
}
