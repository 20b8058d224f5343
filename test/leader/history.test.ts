import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointsKept, recorded, viewOfHistory, type History, type Measured } from '../../src/leader/history.ts';

const ORIGIN_MS = 1_700_000_000_000;

function measured(atMs: number, value: number, tasks = 1): Measured {
  return { atMs, stages: [{ stage: 1, tasks, inRate: value, outRate: 2 * value, busyShare: value / 1000, blockedShare: 0, backlogBytes: value }] };
}

function keep(measurements: readonly Measured[], maxPoints: number): History {
  const history = measurements.reduce<History | undefined>((before, one) => recorded(before, one, maxPoints), undefined);
  if (history === undefined) throw new Error('nothing was measured');
  return history;
}

/** Measurements about a second apart, as they come, with gaps. */
const series = fc.array(fc.record({ gapMs: fc.oneof(fc.integer({ min: 900, max: 1_100 }), fc.integer({ min: 0, max: 20_000 })), value: fc.integer({ min: 0, max: 1000 }) }), { minLength: 1, maxLength: 200 })
  .map((steps) => {
    let atMs = ORIGIN_MS;
    return steps.map(({ gapMs, value }, index) => {
      atMs += index === 0 ? 0 : gapMs;
      return measured(atMs, value);
    });
  });

test('HI2: there are never more points than may be, and steps are seconds, doubled', () => {
  fc.assert(fc.property(series, fc.integer({ min: 1, max: 40 }), (measurements, maxPoints) => {
    let history: History | undefined;
    for (const one of measurements) {
      history = recorded(history, one, maxPoints);
      expect(history.points.length).toBeLessThanOrEqual(maxPoints);
      expect(Number.isInteger(Math.log2(history.stepMs / 1000))).toBe(true);
    }
  }));
});

test('HI2: what is kept is the same as if steps had been as long from the beginning', () => {
  fc.assert(fc.property(series, fc.integer({ min: 1, max: 40 }), (measurements, maxPoints) => {
    const { stepMs, points } = keep(measurements, maxPoints);
    const steps = Map.groupBy(measurements, ({ atMs }) => Math.floor((atMs - ORIGIN_MS) / stepMs));
    expect(points.map(({ atMs }) => (atMs - ORIGIN_MS) / stepMs)).toEqual([...steps.keys()]);
    for (const [index, step] of [...steps.values()].entries()) {
      const mean = step.reduce((sum, { stages }) => sum + (stages[0]?.inRate ?? 0), 0) / step.length;
      expect(points[index]?.measurements).toBe(step.length);
      expect(points[index]?.stages[0]?.inRate).toBeCloseTo(mean, 6);
      expect(points[index]?.stages[0]?.outRate).toBeCloseTo(2 * mean, 6);
    }
  }));
});

test('no more points are thinned out than must be', () => {
  const history = keep(Array.from({ length: 11 }, (_, second) => measured(ORIGIN_MS + second * 1000, second)), 10);
  expect([history.stepMs, history.points.length]).toEqual([2_000, 6]);
  expect(history.points.map(({ stages }) => stages[0]?.inRate)).toEqual([0.5, 2.5, 4.5, 6.5, 8.5, 10]);
});

test('a step has as many tasks as it ended with', () => {
  const history = keep([measured(ORIGIN_MS, 1, 2), measured(ORIGIN_MS + 400, 3, 5)], 10);
  expect(history.points.map(({ stages }) => stages[0])).toMatchObject([{ tasks: 5, inRate: 2 }]);
});

test('a clock that is set back, even to before the beginning, breaks no order', () => {
  const history = keep([5_000, 9_000, -60_000, 10_000].map((ms) => measured(ORIGIN_MS + ms, 1)), 10);
  expect(history.points.map(({ atMs, measurements }) => [atMs - ORIGIN_MS, measurements])).toEqual([[5_000, 1], [9_000, 2], [10_000, 1]]);
});

test('a job of many stages keeps fewer points, but some', () => {
  expect([1, 10, 20, 10_000].map(pointsKept)).toEqual([600, 600, 300, 60]);
});

test('without any measurement there is a history all the same', () => {
  expect(viewOfHistory(undefined, [], 0)).toEqual({ stepMs: 1_000, points: [], marks: [], lostMarks: 0 });
});
