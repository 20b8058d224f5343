/** Schedules of rates, made up. */
import * as fc from 'fast-check';
import type { RateStep } from '../../src/job/rate-schedule.ts';

interface Shape {
  /** Of each step but the last, which has no end. */
  readonly maxStepMs: number;
  readonly tuplesPerSecond: fc.Arbitrary<number>;
}

/** One step or several, pauses among them, of which the last is above 0. */
export function rateSteps({ maxStepMs, tuplesPerSecond }: Shape): fc.Arbitrary<RateStep[]> {
  const before = fc.record({ forMs: fc.integer({ min: 1, max: maxStepMs }), tuplesPerSecond: fc.oneof(tuplesPerSecond, fc.constant(0)) });
  return fc.tuple(fc.array(before, { maxLength: 6 }), tuplesPerSecond).map(([steps, last]) => {
    let fromMs = 0;
    const made = steps.map(({ forMs, tuplesPerSecond: rate }) => {
      const step = { fromMs, tuplesPerSecond: rate };
      fromMs += forMs;
      return step;
    });
    return [...made, { fromMs, tuplesPerSecond: last }];
  });
}

/** The step that holds at `ms` after the start. */
export function stepAt(steps: readonly RateStep[], ms: number): RateStep {
  const step = steps.findLast(({ fromMs }) => fromMs <= ms);
  if (step === undefined) throw new Error(`no step holds at ${ms} ms`);
  return step;
}
