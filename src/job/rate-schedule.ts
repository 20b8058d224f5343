/** How many tuples a second a source gives, by the time since its start: when each tuple is due, and how many are by then. */
import { invariant } from '../base/errors.ts';

/** Holds from its time on until that of the next step. Plain JSON. */
export interface RateStep {
  /** Milliseconds since the start of the source, whole. */
  readonly fromMs: number;
  /** Fractions allowed; 0 is a pause. */
  readonly tuplesPerSecond: number;
}

/** More than anybody writes by hand; each worker gets them all, and looks through them for each piece. */
export const MAX_RATE_STEPS = 1000;

/** The latest that a step may begin: 30 days. */
export const MAX_RATE_STEP_MS = 720 * 3_600_000;

/**
 * No source gives so many, so a greater number says no more. In `MAX_RATE_STEP_MS` that is less than 2^53 tuples, up to which
 * a double tells one from the next.
 */
const MAX_TUPLES_PER_SECOND = 1e9;

/** A step, and which tuples are due in it. */
interface Stretch extends RateStep {
  readonly fromTuple: number;
  /** The first one that is due later; as `fromTuple` for a pause, infinite for the last step. */
  readonly toTuple: number;
}

/** One rate from the start on, above 0. */
export function steadyRate(tuplesPerSecond: number): readonly RateStep[] {
  return [{ fromMs: 0, tuplesPerSecond }];
}

/** Whether a source can be read by them: from its start, each step later than the one before, and to its end. */
export function isRateSchedule(steps: readonly RateStep[]): boolean {
  return steps[0]?.fromMs === 0
    && steps.every(({ fromMs }, index) => fromMs <= MAX_RATE_STEP_MS && fromMs > (steps[index - 1]?.fromMs ?? -1))
    && steps.every(({ tuplesPerSecond }) => tuplesPerSecond >= 0 && Number.isFinite(tuplesPerSecond))
    && (steps.at(-1)?.tuplesPerSecond ?? 0) > 0;
}

/**
 * Tuples count from 0, and the first is due as soon as the rate is above 0. A tuple may be a fraction: how much of the wait
 * for it is over.
 */
export class RateSchedule {
  readonly #stretches: readonly Stretch[];
  readonly #last: Stretch;

  constructor(steps: readonly RateStep[]) {
    invariant(isRateSchedule(steps), 'the steps of a rate begin at 0, follow each other, and end above 0');
    this.#stretches = stretchesOf(steps);
    const last = this.#stretches.at(-1);
    invariant(last !== undefined, 'a schedule has a step');
    this.#last = last;
  }

  /** How many tuples are due in the time up to `ms` after the start, with the fraction of the next; 0 before the start. */
  tuplesBy(ms: number): number {
    const { fromMs, fromTuple, tuplesPerSecond } = this.#stretches.findLast((stretch) => stretch.fromMs <= ms) ?? this.#last;
    return ms <= 0 ? 0 : fromTuple + ((ms - fromMs) * tuplesPerSecond) / 1000;
  }

  /** Tuples/s so long after the start. */
  rateAt(ms: number): number {
    return (this.#stretches.findLast(({ fromMs }) => fromMs <= ms) ?? this.#last).tuplesPerSecond;
  }

  /** When a tuple is due, in milliseconds since the start; never within a pause. */
  dueMs(tuple: number): number {
    const { fromMs, fromTuple, tuplesPerSecond } = this.#stretchOf(tuple);
    return fromMs + ((tuple - fromTuple) * 1000) / tuplesPerSecond;
  }

  /** How many tuples, this one included, are due within `spanMs` of it and in the same step; at least 1. */
  dueTogether(tuple: number, spanMs: number): number {
    const { tuplesPerSecond, toTuple } = this.#stretchOf(tuple);
    return Math.max(1, Math.min(Math.floor((tuplesPerSecond * spanMs) / 1000), Math.ceil(toTuple - tuple)));
  }

  /** The last that has begun by then: behind a pause, where a tuple would be due at both of its ends. */
  #stretchOf(tuple: number): Stretch {
    return this.#stretches.findLast((stretch) => stretch.fromTuple <= tuple) ?? this.#last;
  }
}

function stretchesOf(steps: readonly RateStep[]): readonly Stretch[] {
  let fromTuple = 0;
  return steps.map(({ fromMs, tuplesPerSecond: asked }, index) => {
    const tuplesPerSecond = Math.min(asked, MAX_TUPLES_PER_SECOND);
    const toMs = steps[index + 1]?.fromMs ?? Infinity;
    const stretch = { fromMs, tuplesPerSecond, fromTuple, toTuple: fromTuple + ((toMs - fromMs) * tuplesPerSecond) / 1000 };
    fromTuple = stretch.toTuple;
    return stretch;
  });
}
