/** Tuples per second of each task, from the counts of two successive reports. */
import { taskId } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';

export interface TaskRate {
  readonly inRate: number;
  readonly outRate: number;
}

/** Shorter spans make rates of noise. */
const MIN_SPAN_MS = 500;

interface Sample {
  readonly at: number;
  readonly inTuples: number;
  readonly outTuples: number;
  readonly rate: TaskRate;
}

const NO_RATE: TaskRate = { inRate: 0, outRate: 0 };

export class Rates {
  readonly #samples = new Map<string, Sample>();

  /** `now` in milliseconds. */
  update(status: TaskStatus, now: number): void {
    const id = taskId(status);
    const last = this.#samples.get(id);
    if (last !== undefined && now - last.at < MIN_SPAN_MS) return;
    const { inTuples, outTuples } = status;
    this.#samples.set(id, { at: now, inTuples, outTuples, rate: last === undefined ? NO_RATE : rateSince(last, status, (now - last.at) / 1000) });
  }

  of(task: { readonly stage: number; readonly index: number }): TaskRate {
    return this.#samples.get(taskId(task))?.rate ?? NO_RATE;
  }
}

/** A task that is hosted anew counts from its beginning again. */
function rateSince(last: Sample, { inTuples, outTuples }: TaskStatus, seconds: number): TaskRate {
  const grown = (before: number, count: number) => (count >= before ? count - before : count) / seconds;
  return { inRate: grown(last.inTuples, inTuples), outRate: grown(last.outTuples, outTuples) };
}
