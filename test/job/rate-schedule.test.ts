import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRateSchedule, MAX_RATE_STEP_MS, RateSchedule, steadyRate, type RateStep } from '../../src/job/rate-schedule.ts';
import { rateSteps, stepAt } from './rates.ts';

/** What a double loses of a tuple's number is time at a low rate. */
const ROUNDING_MS = 0.001;

/** Rates of whole tuples, so that a thousandth of a tuple each millisecond is counted in whole numbers. */
const wholeRates = rateSteps({ maxStepMs: 300, tuplesPerSecond: fc.integer({ min: 1, max: 5_000 }) });

const anyRates = rateSteps({ maxStepMs: 100_000, tuplesPerSecond: fc.double({ min: 0.01, max: 100_000, noNaN: true }) });

/** How many thousandths of a tuple are due by each millisecond, added up one by one. */
function counted(steps: readonly RateStep[], untilMs: number): number[] {
  const thousandths = [0];
  for (let ms = 0; ms < untilMs; ms++) thousandths.push((thousandths[ms] ?? 0) + stepAt(steps, ms).tuplesPerSecond);
  return thousandths;
}

const STEPS = [{ fromMs: 0, tuplesPerSecond: 100 }, { fromMs: 20_000, tuplesPerSecond: 1000 }, { fromMs: 30_000, tuplesPerSecond: 0 }, { fromMs: 40_000, tuplesPerSecond: 0.5 }];

describe('when tuples are due', () => {
  const schedule = new RateSchedule(STEPS);

  test.each([
    [0, 0], [1, 10], [1_999, 19_990], [2_000, 20_000], [2_001, 20_001], [11_999, 29_999],
    [12_000, 40_000], [12_001, 42_000],
  ])('tuple %i after %i ms', (tuple, ms) => expect(schedule.dueMs(tuple)).toBe(ms));

  test.each([
    [-5, 0], [0, 0], [15, 1.5], [20_000, 2_000], [30_000, 12_000], [35_000, 12_000], [40_000, 12_000], [41_000, 12_000.5],
  ])('after %i ms they are %f', (ms, tuples) => expect(schedule.tuplesBy(ms)).toBe(tuples));

  test('is counted millisecond by millisecond, with the same result', () => {
    fc.assert(fc.property(wholeRates, (steps) => {
      const made = new RateSchedule(steps);
      const thousandths = counted(steps, (steps.at(-1)?.fromMs ?? 0) + 100);
      for (const [ms, sum] of thousandths.entries()) expect(made.tuplesBy(ms)).toBeCloseTo(sum / 1000, 6);
      for (let tuple = 0; tuple * 1000 < (thousandths.at(-1) ?? 0); tuple++) {
        // The tuple's time is in the first millisecond at whose end more than it is due.
        const ms = thousandths.findIndex((sum) => sum > tuple * 1000) - 1;
        expect(made.dueMs(tuple)).toBeGreaterThanOrEqual(ms - ROUNDING_MS);
        expect(made.dueMs(tuple)).toBeLessThan(ms + 1);
      }
    }));
  });

  test('follows from how many are due by then, and the other way round', () => {
    fc.assert(fc.property(anyRates, fc.double({ min: 0, max: 1_000_000, noNaN: true }), (steps, tuple) => {
      const made = new RateSchedule(steps);
      expect(Math.abs(made.tuplesBy(made.dueMs(tuple)) - tuple)).toBeLessThan(1e-6 * Math.max(1, tuple));
    }));
  });

  test('is later for a later tuple, and never in a pause', () => {
    fc.assert(fc.property(anyRates, fc.array(fc.nat(100_000)), (steps, tuples) => {
      const made = new RateSchedule(steps);
      const due = tuples.toSorted((a, b) => a - b).map((tuple) => made.dueMs(tuple));
      for (const [index, ms] of due.entries()) {
        expect(ms).toBeGreaterThanOrEqual(due[index - 1] ?? 0);
        // What is due at the very end of a step may be, by rounding, at the beginning of the pause behind it.
        expect(stepAt(steps, Math.max(0, ms - ROUNDING_MS)).tuplesPerSecond + stepAt(steps, ms + ROUNDING_MS).tuplesPerSecond).toBeGreaterThan(0);
      }
    }));
  });
});

test('one rate is what it says for ever', () => {
  fc.assert(fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.nat(), (tuplesPerSecond, tuple) => {
    const schedule = new RateSchedule(steadyRate(tuplesPerSecond));
    expect(schedule.dueMs(tuple)).toBe((tuple * 1000) / tuplesPerSecond);
    expect(schedule.dueTogether(tuple, 50)).toBe(Math.max(1, Math.floor((tuplesPerSecond * 50) / 1000)));
  }));
});

test('a rate that no source has is no limit, and all numbers stay finite', () => {
  const schedule = new RateSchedule([{ fromMs: 0, tuplesPerSecond: Number.MAX_VALUE }, { fromMs: MAX_RATE_STEP_MS, tuplesPerSecond: 1 }]);
  const before = schedule.tuplesBy(MAX_RATE_STEP_MS);
  expect(before).toBeLessThan(Number.MAX_SAFE_INTEGER);
  expect(schedule.dueMs(before + 1)).toBe(MAX_RATE_STEP_MS + 1000);
});

describe('what is due together', () => {
  test.each([[0, 5], [1_998, 2], [1_999, 1], [1_999.5, 1], [2_000, 50], [11_980, 20], [12_000, 1]])('from tuple %f on: %i', (tuple, count) => {
    expect(new RateSchedule(STEPS).dueTogether(tuple, 50)).toBe(count);
  });

  test('is due within the span, and none of it behind a change of the rate', () => {
    fc.assert(fc.property(anyRates, fc.nat(100_000), fc.integer({ min: 1, max: 500 }), (steps, tuple, spanMs) => {
      const made = new RateSchedule(steps);
      const [first, last] = [made.dueMs(tuple), made.dueMs(tuple + made.dueTogether(tuple, spanMs) - 1)];
      expect(last - first).toBeLessThan(spanMs + ROUNDING_MS);
      const next = steps.find(({ fromMs }) => fromMs > first + ROUNDING_MS);
      expect(last).toBeLessThan((next?.fromMs ?? Infinity) + ROUNDING_MS);
    }));
  });
});

test.each([
  ['none', []],
  ['a late start', [{ fromMs: 1, tuplesPerSecond: 1 }]],
  ['two at once', [{ fromMs: 0, tuplesPerSecond: 1 }, { fromMs: 0, tuplesPerSecond: 2 }]],
  ['a step back', [{ fromMs: 0, tuplesPerSecond: 1 }, { fromMs: 5, tuplesPerSecond: 2 }, { fromMs: 4, tuplesPerSecond: 2 }]],
  ['one that never comes', [{ fromMs: 0, tuplesPerSecond: 1 }, { fromMs: MAX_RATE_STEP_MS + 1, tuplesPerSecond: 2 }]],
  ['a pause for ever', [{ fromMs: 0, tuplesPerSecond: 1 }, { fromMs: 5, tuplesPerSecond: 0 }]],
  ['less than none', [{ fromMs: 0, tuplesPerSecond: -1 }, { fromMs: 5, tuplesPerSecond: 1 }]],
  ['no number', [{ fromMs: 0, tuplesPerSecond: Number.NaN }, { fromMs: 5, tuplesPerSecond: 1 }]],
  ['without limit', [{ fromMs: 0, tuplesPerSecond: Infinity }]],
])('no schedule: %s', (_, steps) => {
  expect(isRateSchedule(steps)).toBe(false);
  expect(() => new RateSchedule(steps)).toThrow('invariant broken');
});

test('every made-up schedule is one', () => {
  fc.assert(fc.property(anyRates, (steps) => isRateSchedule(JSON.parse(JSON.stringify(steps)) as RateStep[])));
});
