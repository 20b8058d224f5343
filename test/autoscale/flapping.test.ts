import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { drive, oneStage, type Decided } from './drive.ts';
import { fraction } from './pipeline.ts';

/** A minute in which the level gets sure, and some of the cool-down behind it. */
const SETTLED_SECONDS = 75;

/** Then five minutes in which nothing may move. */
const SECONDS = SETTLED_SECONDS + 300;

const HW = 100;

const NOISE = 0.2;

/** One case in ten thousand or so takes a third action, and one in two hundred one that comes after all should have settled. */
const RARE = 4;

/** Load in tasks that are full to HW, near the borders from one number of tasks to the next half of the time. */
const loads = fc.oneof(
  fc.double({ min: 0.01, max: 25, noNaN: true }),
  fc.tuple(fc.integer({ min: 1, max: 25 }), fc.double({ min: 0.98, max: 1.02, noNaN: true })).map(([tasks, factor]) => tasks * factor),
);

const cases = fc.record({ load: loads, lw: fc.double({ min: 0, max: 0.99, noNaN: true }), tasks: fc.integer({ min: 1, max: 30 }), seed: fc.integer({ min: 1, max: 1e9 }) });

/** `load`: in tasks that are full to HW, or that work all the time. */
function underNoise(seed: number, load: number): (second: number) => number {
  const random = new Random(seed);
  return () => load * HW * (1 + NOISE * (2 * fraction(random) - 1));
}

function tasksAfter(decided: readonly Decided[], tasks: number): number {
  return decided.filter(({ kind }) => kind === 'scale').at(-1)?.to ?? tasks;
}

describe('under a constant rate with 20 % noise', () => {
  test('AS3: thresholds take two actions and no more, with LW anywhere below HW, and end where no task is too many or too few', () => {
    let unsettled = 0;
    fc.assert(fc.property(cases, ({ load, lw, tasks, seed }) => {
      const decided = drive({ policy: { kind: 'thresholds', lw: lw * HW, hw: HW } }, [tasks], SECONDS, oneStage(underNoise(seed, load), 1e9));
      expect(decided.length).toBeLessThanOrEqual(3);
      if (decided.length > 2 || (decided.at(-1)?.second ?? 0) > SETTLED_SECONDS) unsettled += 1;
      const after = tasksAfter(decided, tasks);
      // A load that cannot be told from one at the border may be on either side of it.
      expect(load / after).toBeLessThan(1.1);
      const least = Math.ceil(load * 1.1);
      expect(load / after > lw * 0.9 || after <= least, `${load} has ${after}`).toBe(true);
    }), { numRuns: 150, verbose: 1 });
    expect(unsettled).toBeLessThanOrEqual(RARE);
  });

  test('AS3: auto takes two actions and no more', () => {
    let unsettled = 0;
    fc.assert(fc.property(cases, ({ load, tasks, seed }) => {
      const decided = drive({ policy: { kind: 'auto' }, stages: { 1: { max: 64 } } }, [tasks], SECONDS, oneStage(underNoise(seed, load), HW));
      expect(decided.length).toBeLessThanOrEqual(3);
      if (decided.length > 2 || (decided.at(-1)?.second ?? 0) > SETTLED_SECONDS) unsettled += 1;
      const share = load / tasksAfter(decided, tasks);
      expect(share).toBeLessThan(0.9);
      expect(share > 0.44 || tasksAfter(decided, tasks) <= Math.max(1, Math.ceil((load * 1.1) / 0.7)), `${share}`).toBe(true);
    }), { numRuns: 100, verbose: 1 });
    expect(unsettled).toBeLessThanOrEqual(RARE);
  });

  test('without noise, thresholds without room between them give the least number that is not above HW', () => {
    for (let load = 0.5; load < 20; load += 0.7) {
      const decided = drive({ policy: { kind: 'thresholds', lw: 0.98 * HW, hw: HW } }, [1], SECONDS, oneStage(() => load * HW, 1e9));
      expect(tasksAfter(decided, 1)).toBe(Math.max(1, Math.ceil(load - 1e-9)));
    }
  });
});
