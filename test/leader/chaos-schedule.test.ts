import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChaosRate } from '../../src/job/chaos-argument.ts';
import { ChaosSchedule, killTimes, type Victim } from '../../src/leader/chaos-schedule.ts';

const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 10 });
const periodMs = fc.integer({ min: 20, max: 100_000 });

const TASKS: readonly Victim[] = ['1-0', '1-1', '2-0', '2-1', '2-2'].map((name) => ({ kind: 'tasks', name }));
const WORKERS: readonly Victim[] = ['w1', 'w2'].map((name) => ({ kind: 'workers', name }));
const ALL: readonly Victim[] = [...TASKS, ...WORKERS, { kind: 'leader', name: 'leader' }];

const RATES: readonly ChaosRate[] = [{ kind: 'tasks', periodMs: 100 }, { kind: 'workers', periodMs: 400 }, { kind: 'leader', periodMs: 900 }];

interface Kill {
  readonly victim: Victim;
  readonly at: number;
}

/** Asks at each time that the schedule names, up to `untilMs` behind the start. */
function play(schedule: ChaosSchedule, untilMs: number, living: readonly Victim[] = ALL): Kill[] {
  const kills: Kill[] = [];
  for (let at = schedule.nextAt; at <= untilMs; at = schedule.nextAt) {
    schedule.killDue(at, living, (victim) => kills.push({ victim, at }));
    expect(schedule.nextAt, 'it goes on').toBeGreaterThan(at);
  }
  return kills;
}

function first(times: Generator<number>, count: number): number[] {
  return Array.from({ length: count }, () => times.next().value as number);
}

describe('times of kills', () => {
  test('are the same for the same seed, grow, and no gap is longer than four periods', () => {
    fc.assert(fc.property(seed, periodMs, (seed, periodMs) => {
      const times = first(killTimes(seed, periodMs), 200);
      expect(times).toEqual(first(killTimes(seed, periodMs), 200));
      for (const [index, at] of times.entries()) {
        const gap = at - (times[index - 1] ?? 0);
        expect(gap).toBeGreaterThanOrEqual(0);
        expect(gap).toBeLessThan(4 * periodMs);
      }
    }));
  });

  test('are a period apart on average, and often much closer', () => {
    fc.assert(fc.property(seed, periodMs, (seed, periodMs) => {
      const times = first(killTimes(seed, periodMs), 4_000);
      expect((times.at(-1) ?? 0) / times.length / periodMs).toBeCloseTo(1, 0);
      const close = times.filter((at, index) => at - (times[index - 1] ?? 0) < periodMs / 10).length;
      expect(close).toBeGreaterThan(100);
    }), { numRuns: 30 });
  });

  test('differ for other seeds', () => {
    expect(first(killTimes(1, 100), 5)).not.toEqual(first(killTimes(2, 100), 5));
  });
});

describe('a schedule', () => {
  test('kills every kind it is to kill, every victim of it in the end, and nothing else', () => {
    const kills = play(new ChaosSchedule(RATES.slice(0, 2), 3, 0), 60_000);
    expect(new Set(kills.map(({ victim }) => victim.name))).toEqual(new Set([...TASKS, ...WORKERS].map(({ name }) => name)));
    expect(kills.filter(({ victim }) => victim.kind === 'tasks').length).toBeGreaterThan(400);
  });

  test('X1: other kinds, and who lives, do not change the times of a kind', () => {
    fc.assert(fc.property(seed, (seed) => {
      const timesOf = (rates: readonly ChaosRate[], living: readonly Victim[]) =>
        play(new ChaosSchedule(rates, seed, 0), 5_000, living).filter(({ victim }) => victim.kind === 'tasks').map(({ at }) => at);
      expect(timesOf(RATES, ALL)).toEqual(timesOf(RATES.slice(0, 1), TASKS.slice(0, 1)));
    }), { numRuns: 30 });
  });

  test('X1: kinds with the same period are not killed at the same moments', () => {
    const kills = play(new ChaosSchedule([{ kind: 'tasks', periodMs: 100 }, { kind: 'workers', periodMs: 100 }], 1, 0), 5_000);
    expect(new Set(kills.map(({ at }) => at)).size).toBe(kills.length);
  });

  test('X1: asking more often changes nothing', () => {
    const [rate] = RATES as [ChaosRate];
    const often = new ChaosSchedule([rate], 5, 0);
    const victims: Victim[] = [];
    for (let at = 0; at <= 3_000; at += 0.25) often.killDue(at, ALL, (victim) => victims.push(victim));
    const due = play(new ChaosSchedule([rate], 5, 0), 3_000).map(({ victim }) => victim);
    // Two kills within a quarter of a millisecond would be one.
    expect(victims).toEqual(due);
  });

  test('X2: the order in which victims are listed changes nothing', () => {
    fc.assert(fc.property(seed, fc.shuffledSubarray([...ALL], { minLength: ALL.length }), (seed, shuffled) => {
      expect(play(new ChaosSchedule(RATES, seed, 0), 2_000, shuffled)).toEqual(play(new ChaosSchedule(RATES, seed, 0), 2_000));
    }), { numRuns: 30 });
  });

  test('X3: what was missed is not made up for', () => {
    const schedule = new ChaosSchedule(RATES, 1, 0);
    const kills: Victim[] = [];
    schedule.killDue(1_000_000, ALL, (victim) => kills.push(victim));
    expect(kills.map(({ kind }) => kind).toSorted()).toEqual(['leader', 'tasks', 'workers']);
    expect(schedule.nextAt).toBeGreaterThan(1_000_000);
    schedule.killDue(1_000_000, ALL, (victim) => kills.push(victim));
    expect(kills).toHaveLength(3);
  });

  test('X3: where nobody lives nobody is killed, and it goes on', () => {
    const schedule = new ChaosSchedule(RATES, 1, 0);
    expect(play(schedule, 2_000, [])).toEqual([]);
    expect(play(schedule, 4_000).length).toBeGreaterThan(0);
  });

  test('begins when it is told to, and without rates never', () => {
    const early = play(new ChaosSchedule(RATES, 1, 0), 2_000);
    const late = play(new ChaosSchedule(RATES, 1, 5_000), 7_000);
    expect(late.map(({ victim }) => victim)).toEqual(early.map(({ victim }) => victim));
    expect(new ChaosSchedule([], 1, 0).nextAt).toBe(Infinity);
  });
});
