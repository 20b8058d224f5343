import { taskName } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';

/** Tells whether a job gets further: a task that is hosted anew repeats what was done, which counts for nothing. */
export class ProgressMark {
  readonly #best = new Map<string, number>();
  #losses = 0;

  update(status: TaskStatus): void {
    const done = Math.max(status.inTuples, status.sourceDoneBytes ?? 0);
    if (done <= (this.#best.get(taskName(status)) ?? 0)) return;
    this.#best.set(taskName(status), done);
    this.#losses = 0;
  }

  /** Gives how many losses there were since the job last got further, this one included. */
  lost(): number {
    this.#losses += 1;
    return this.#losses;
  }
}
