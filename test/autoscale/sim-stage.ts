export interface StageShape {
  /** What one task can take, in tuples/s. */
  readonly capacity: number;
  /** Tuples out for each one in. */
  readonly selectivity: number;
  readonly tasks: number;
  /** Share of the tuples that all go to one task. */
  readonly hotShare?: number;
  /** How busy a task looks that works all the time on what it gets but has no input waiting: less than 1 where it sleeps. */
  readonly seenBusy?: number;
  /** What is lost to each further task, as a share of one: at 1, more tasks bring nothing. */
  readonly hindrance?: number;
}

/** Seconds of one task's work that its queue holds. */
const QUEUE_SECONDS = 0.5;

/** In which a stage that is rescaled does nothing. */
const PAUSE_MS = 500;

/** A stage of the simulated pipeline. */
export class SimStage {
  readonly shape: StageShape;
  tasks: number;
  /** Tuples. */
  queued = 0;
  rescaledAtMs = -Infinity;
  /** Of the present second, in tuples and as shares. */
  taken = 0;
  given = 0;
  busyShare = 0;
  blockedShare = 0;
  #waitingShare = 0;

  constructor(shape: StageShape) {
    this.shape = shape;
    this.tasks = shape.tasks;
  }

  beginSecond(): void {
    this.taken = 0;
    this.given = 0;
    this.busyShare = 0;
    this.blockedShare = 0;
    this.#waitingShare = 0;
  }

  get room(): number {
    return Math.max(0, this.shape.capacity * QUEUE_SECONDS * this.tasks - this.queued);
  }

  /** As it is measured: input that waits shows, time that is slept away does not. */
  get seenBusyShare(): number {
    return Math.max(this.#waitingShare, this.busyShare * (this.shape.seenBusy ?? 1));
  }

  /** Tuples/s with so many tasks. */
  capacityWith(tasks: number): number {
    const each = this.shape.capacity / (1 + (this.shape.hindrance ?? 0) * (tasks - 1));
    const hot = Math.max(1 / tasks, this.shape.hotShare ?? 0);
    return tasks === 1 ? each : Math.min(each / hot, hot === 1 ? Infinity : (each * (tasks - 1)) / (1 - hot));
  }

  take(tuples: number): void {
    this.queued += tuples;
  }

  rescale(tasks: number, nowMs: number): void {
    this.tasks = tasks;
    this.rescaledAtMs = nowMs;
  }

  step(seconds: number, nowMs: number, next: SimStage | undefined): void {
    if (nowMs - this.rescaledAtMs < PAUSE_MS) return;
    const can = this.capacityWith(this.tasks) * seconds;
    const wants = Math.min(can, this.queued);
    const { selectivity } = this.shape;
    const takes = next === undefined || selectivity === 0 ? wants : Math.min(wants, next.room / selectivity);
    this.queued -= takes;
    next?.take(takes * selectivity);
    this.taken += takes;
    this.given += takes * selectivity;
    const all = this.shape.capacity / (1 + (this.shape.hindrance ?? 0) * (this.tasks - 1)) * this.tasks;
    this.busyShare += takes / all;
    if (takes < wants) this.blockedShare += (seconds * (wants - takes)) / can;
    // Only tasks that can have it have input waiting: of a stage with a hot one, that is the hot one.
    else if (wants === can) this.#waitingShare += (seconds * this.capacityWith(this.tasks)) / all;
  }
}
