/** What has happened to one job: restarts, kills, workers that came and went, changes of its state and of numbers of tasks. */
import type { JobState, Mark } from '../control/views.ts';
import { taskId } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import type { ScalingEvent } from './job-scaling.ts';

/** A task is under a greater attempt than it was. */
export interface Restart {
  readonly stage: number;
  readonly index: number;
  readonly attempt: number;
  readonly worker: string;
}

/** `restart`: set where the mark is of one. */
export type MarkListener = (mark: Mark, restart: Restart | undefined) => void;

/** Some hundred bytes each; chaos that kills twice a second fills them in minutes, and then the newest tell most. */
const MAX_MARKS = 500;

export class JobMarks {
  readonly #now: () => number;
  readonly #listeners = new Set<MarkListener>();
  /** By task. */
  readonly #attempts = new Map<string, Pick<TaskStatus, 'generation' | 'attempt'>>();
  /** By stage. */
  readonly #advice = new Map<number, string>();
  #marks: Mark[] = [];
  #lost = 0;
  #state: JobState | undefined;

  /** `now` in milliseconds since the Unix epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The oldest first. */
  get all(): readonly Mark[] {
    return this.#marks;
  }

  /** How many older ones are gone. */
  get lost(): number {
    return this.#lost;
  }

  add(mark: Omit<Mark, 'atMs'>, restart?: Restart): void {
    const dated = { atMs: this.#now(), ...mark };
    this.#marks.push(dated);
    if (this.#marks.length > MAX_MARKS) {
      this.#marks.shift();
      this.#lost += 1;
    }
    for (const listener of this.#listeners) listener(dated, restart);
  }

  /** Calls it with everything from now on; gives the way to end that. */
  listen(listener: MarkListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  state(state: JobState, reason?: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.add({ kind: 'state', text: reason === undefined ? state : `${state}: ${reason}` });
  }

  /** What a worker says of a task. One that is heard of for the first time, or is another one now, has not been started again. */
  heard({ stage, index, generation, attempt }: Pick<TaskStatus, 'stage' | 'index' | 'generation' | 'attempt'>, worker: string): void {
    const id = taskId({ stage, index });
    const before = this.#attempts.get(id);
    if (before?.generation === generation && before.attempt === attempt) return;
    this.#attempts.set(id, { generation, attempt });
    if (before?.generation !== generation || attempt < before.attempt) return;
    const where = worker === '' ? '' : ` on ${worker}`;
    this.add({ kind: 'restart', stage, index, ...(worker === '' ? {} : { worker }), text: `task ${id} was started again, attempt ${attempt}${where}` }, { stage, index, attempt, worker });
  }

  /** Advice that is only repeated is no news. */
  scaling(event: ScalingEvent): void {
    if (event.kind === 'scale') {
      const { stage, from, to, reason, outcome, why } = event.record;
      if (outcome === 'begun') this.#advice.delete(stage);
      return this.add({ kind: 'scale', stage, text: `stage ${stage}: ${from} -> ${to} ${outcome}, ${why ?? reason}` });
    }
    const { stage, text } = event;
    if (this.#advice.get(stage) === text) return;
    this.#advice.set(stage, text);
    this.add({ kind: 'advice', stage, text });
  }
}
