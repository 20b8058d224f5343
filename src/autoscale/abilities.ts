/**
 * What a stage can do, as measured: its true rate, its selectivity, and the rate at which it was once seen to have no time left.
 */
import { isSaturated, workedShare, type StageSample } from './stage-sample.ts';

/** Plain JSON. The first four are sums in which older seconds count less. */
export interface Abilities {
  readonly inTuples: number;
  readonly outTuples: number;
  readonly seconds: number;
  /** In which tasks worked, of all tasks together. */
  readonly workedSeconds: number;
  /** Tuples/s per task when it was last saturated, and when that was, in ms. */
  readonly capacity?: { readonly perTask: number; readonly atMs: number } | undefined;
}

/** What is left of a second's weight after the next: half in ten, so that noise counts little and no change is slept through. */
const WEIGHT_LEFT = 0.933;

/** And after a rescale: enough to know the stage by until the next second, which outweighs it. */
const WEIGHT_LEFT_BY_RESCALE = 0.02;

/** Less than this share of the time is taken for this share: below, rounding of the share would be the result. */
const LEAST_WORKED_SHARE = 0.02;

/** How much a saturated second says about the capacity. */
const CAPACITY_STEP = 0.3;

/** A remembered capacity is believed for as long: twice the five minutes in which a constant load should move nothing. */
const CAPACITY_HOLDS_MS = 10 * 60_000;

/** Then it doubles in each of these times: it keeps tasks for some quiet minutes more, and not through a night. */
const CAPACITY_DOUBLES_MS = 15 * 60_000;

/** After as many doublings it protects nothing any more. */
const CAPACITY_DOUBLINGS = 6;

export function noAbilities(): Abilities {
  return { inTuples: 0, outTuples: 0, seconds: 0, workedSeconds: 0 };
}

/** With one second more. */
export function addSample(before: Abilities, sample: StageSample, now: number): Abilities {
  const { tasks, inTuplesPerSecond, outTuplesPerSecond } = sample;
  const worked = Math.max(LEAST_WORKED_SHARE, workedShare(sample));
  // A second without input says how much the stage takes, and nothing of how fast it works.
  const fed = inTuplesPerSecond > 0 ? 1 : 0;
  return {
    inTuples: before.inTuples * WEIGHT_LEFT + inTuplesPerSecond,
    outTuples: before.outTuples * WEIGHT_LEFT + outTuplesPerSecond,
    seconds: before.seconds * WEIGHT_LEFT + 1,
    workedSeconds: before.workedSeconds * WEIGHT_LEFT + worked * tasks * fed,
    capacity: isSaturated(sample) ? learnCapacity(before, inTuplesPerSecond / (worked * tasks), now) : before.capacity,
  };
}

/** With another number of tasks, which may be in each other's way: what was measured until now counts little. */
export function forgetRate({ inTuples, outTuples, seconds, workedSeconds, capacity }: Abilities): Abilities {
  const left = WEIGHT_LEFT_BY_RESCALE;
  return { inTuples: inTuples * left, outTuples: outTuples * left, seconds: seconds * left, workedSeconds: workedSeconds * left, capacity };
}

/** Tuples/s that a task takes while it works: rate / busy share / tasks (Kalavri et al., see autoscale). */
export function trueRateOf({ inTuples, workedSeconds }: Abilities): number | undefined {
  return inTuples > 0 && workedSeconds > 0 ? inTuples / workedSeconds : undefined;
}

/** Tuples out for each one in. */
export function selectivityOf({ inTuples, outTuples }: Abilities): number | undefined {
  return inTuples > 0 ? outTuples / inTuples : undefined;
}

/** Tuples/s that the stage took of late. */
export function recentRateOf({ inTuples, seconds }: Abilities): number {
  return seconds > 0 ? inTuples / seconds : 0;
}

/** Tuples/s that a task is remembered to take at most; grows as the memory fades, undefined where there is none (left). */
export function capacityOf({ capacity }: Abilities, now: number): number | undefined {
  if (capacity === undefined) return undefined;
  const doublings = Math.max(0, now - capacity.atMs - CAPACITY_HOLDS_MS) / CAPACITY_DOUBLES_MS;
  return doublings > CAPACITY_DOUBLINGS ? undefined : capacity.perTask * 2 ** doublings;
}

function learnCapacity(before: Abilities, perTask: number, now: number): Abilities['capacity'] {
  const known = capacityOf(before, now) ?? perTask;
  return { perTask: known + CAPACITY_STEP * (perTask - known), atMs: now };
}
