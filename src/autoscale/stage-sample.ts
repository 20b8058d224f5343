/** What a stage did in the last second, all its tasks together. Plain JSON. */
export interface StageSample {
  /** 0 is the source; the others follow in their order. Of stages that run as one, the last has the number. */
  readonly stage: number;
  /** At least 1. */
  readonly tasks: number;
  /** What its operators were fed; of the source, what it has read. Tuples/s, at least 0. */
  readonly inTuplesPerSecond: number;
  /** What its operators have printed; of the source, what it has handed on. Tuples/s, at least 0. */
  readonly outTuplesPerSecond: number;
  /** What its tasks have accepted and not yet been able to feed. */
  readonly backlogBytes: number;
  /** Share of the time in which an operator computed or had input waiting for it, the mean over the tasks: 0 to 1. */
  readonly busyShare: number;
  /** Share of the time in which the stage after it held it back, the mean over the tasks: 0 to 1. May overlap with `busyShare`. */
  readonly blockedShare: number;
  /** False while a task of it or beside it recovers, starts or is being rescaled. */
  readonly settled: boolean;
  /**
   * Of the source alone: what it would hand on if nothing held it back, in tuples/s. It is its set rate, or the rate at which
   * input comes from outside. Left out where nobody knows, as with a file that is read as fast as it can be.
   */
  readonly wantedTuplesPerSecond?: number | undefined;
}

/** From here on a stage counts as having no time left; measured shares of a full second are seldom exactly 1. */
const SATURATED_SHARE = 0.95;

/** Share of the time in which the stage worked: what it was held back is not work, even with input waiting. */
export function workedShare({ busyShare, blockedShare }: StageSample): number {
  return Math.max(0, Math.min(busyShare, 1 - blockedShare));
}

/** Whether it worked all the time, so that its rate is what it can do. */
export function isSaturated(sample: StageSample): boolean {
  return workedShare(sample) >= SATURATED_SHARE;
}
