import { describe, expect, test } from 'vitest';
import { decide, type AutoscaleState, type Outcome } from '../../src/autoscale/autoscale.ts';
import type { AutoscaleSettings } from '../../src/autoscale/settings.ts';
import { drive, oneStage, sampleOf, source, type Measured } from './drive.ts';

const AUTO: AutoscaleSettings = { policy: { kind: 'auto' } };
const THRESHOLDS: AutoscaleSettings = { policy: { kind: 'thresholds', lw: 50, hw: 200 } };

/** 100, then 1000, then 100 tuples/s, a minute each. */
const upAndDown = (second: number) => (second > 60 && second <= 120 ? 1_000 : 100);

describe('the first action after a step', () => {
  test.each([['thresholds', THRESHOLDS, 250], ['thresholds, with tasks that take any rate', THRESHOLDS, 1e9], ['auto', AUTO, 250]])('comes within 5 s, and two are enough: %s', (_, settings, capacity) => {
    const decided = drive(settings, [1], 180, oneStage(upAndDown, capacity));
    const [up, down] = [decided.filter(({ second }) => second <= 120), decided.filter(({ second }) => second > 120)];
    for (const [from, actions] of [[60, up], [120, down]] as const) {
      expect(actions.length).toBeLessThanOrEqual(2);
      expect(actions[0]?.second).toBeLessThanOrEqual(from + 5);
    }
    const [most, least] = [up.at(-1)?.to ?? 0, down.at(-1)?.to ?? 0];
    expect(1_000 / most).toSatisfy((share: number) => share >= 50 && share <= 200);
    expect(100 / least).toSatisfy((share: number) => share >= 50 && share <= 200);
  });

  test('is told with the figures it follows from', () => {
    const decided = drive({ policy: { kind: 'thresholds', lw: 50, hw: 200 } }, [2], 10, oneStage(() => 824, 430));
    expect(decided.map(({ event }) => event)).toEqual(['SCALE stage 1: 2 -> 6, 412/s per task > HW 200, true rate 430/s']);
    const auto = drive(AUTO, [1], 10, oneStage(() => 900, 500));
    expect(auto.map(({ event }) => event)).toEqual(['SCALE stage 1: 1 -> 3, needs 180 % of its time > 80 %, 900/s wanted and 500/s taken, true rate 500/s']);
  });
});

describe('a pipeline', () => {
  /** Three stages of 100, 50 and 400 tuples/s for each task; each tuple becomes two in the first. The slowest lets through what it can. */
  const pipeline: Measured = (_, [a = 1, b = 1, c = 1]) => {
    const rate = Math.min(600, 100 * a, (50 * b) / 2, (400 * c) / 2);
    return [
      source(rate, 600, rate < 600 ? 1 : 0),
      sampleOf(1, a, rate, rate / (100 * a), { outTuplesPerSecond: 2 * rate, blockedShare: rate < 100 * a ? 1 - rate / (100 * a) : 0 }),
      sampleOf(2, b, 2 * rate, (2 * rate) / (50 * b)),
      sampleOf(3, c, 2 * rate, (2 * rate) / (400 * c)),
    ];
  };

  test('AS10: is sized for what the source wants in one step, whatever its slowest stage lets through', () => {
    const decided = drive({ ...AUTO, stages: { 2: { max: 64 } } }, [1, 1, 1], 200, pipeline);
    expect(decided.map(({ stage, from, to, second }) => [stage, from, to, second])).toEqual([[1, 1, 9, 3], [2, 1, 35, 3], [3, 1, 5, 3]]);
  });

  test('AS10: gives a stage that is held back by the next one no tasks for that', () => {
    const decided = drive({ ...AUTO, stages: { 2: { max: 4 } } }, [1, 4, 1], 200, pipeline);
    expect(decided.filter(({ kind }) => kind === 'scale').map(({ stage, to }) => [stage, to])).toEqual([[1, 2]]);
    expect(decided.filter(({ kind }) => kind === 'hold').every(({ stage, event }) => stage === 2 && event.endsWith(': its most is 4'))).toBe(true);
  });

  test('AS10: where the source does not know what is wanted, it is found out by steps of twice as much', () => {
    const hidden: Measured = (second, tasks) => pipeline(second, tasks).map((sample) => ({ ...sample, wantedTuplesPerSecond: undefined }));
    const decided = drive({ ...AUTO, stages: { 2: { max: 64 } } }, [1, 1, 1], 300, hidden);
    const tasks = (stage: number) => decided.filter((one) => one.stage === stage && one.kind === 'scale').at(-1)?.to ?? 1;
    expect(600 / (tasks(1) * 100)).toBeLessThanOrEqual(0.8);
    expect(1_200 / (tasks(2) * 50)).toBeLessThanOrEqual(0.8);
    expect(decided.filter(({ stage, kind }) => stage === 2 && kind === 'scale').length).toBeLessThanOrEqual(6);
    expect(decided.filter(({ second }) => second > 150)).toEqual([]);
  });

  test('AS9: nothing is decided, or learned, while any stage is not settled', () => {
    const unsettled: Measured = (second, tasks) => pipeline(second, tasks).map((sample) => ({ ...sample, settled: sample.stage !== 3 }));
    expect(drive(AUTO, [1, 1, 1], 60, unsettled)).toEqual([]);
    const { state } = decide(undefined, pipeline(1, [1, 1, 1]), 1_000, AUTO);
    expect(decide(state, unsettled(2, [1, 1, 1]), 2_000, AUTO)).toEqual({ state, decisions: [] });
  });
});

describe('limits', () => {
  test('AS8: a stage stays within its least and its most, and is brought there', () => {
    const settings = { ...AUTO, stages: { 1: { min: 3, max: 6 } } };
    const tasks = (from: number, rate: number) => drive(settings, [from], 120, oneStage(() => rate, 100)).filter(({ kind }) => kind === 'scale').map(({ to }) => to);
    expect(tasks(4, 5_000)).toEqual([6]);
    expect(tasks(6, 10)).toEqual([3]);
    expect(tasks(8, 600)).toEqual([6]);
    expect(tasks(1, 250)[0]).toBe(3);
  });

  test('AS8: a fixed stage stays as it is, and that it is fixed is told at most twice', () => {
    const decided = drive({ ...AUTO, stages: { 1: { fixed: 'its program cannot be divided' } } }, [2], 600, oneStage(() => 900, 100));
    expect(decided.length).toBeGreaterThan(0);
    expect(decided.length).toBeLessThanOrEqual(2);
    expect(decided[0]?.event).toBe('HOLD stage 1: 2, not 13, needs 450 % of its time > 80 %, 900/s wanted and 200/s taken, true rate 100/s: its program cannot be divided');
  });

  test('AS5: between two actions lies the cool-down, and three of them before what was added is removed', () => {
    const short = (second: number) => (second > 60 && second <= 70 ? 1_000 : 100);
    const seconds = drive({ ...AUTO, stages: { 1: { cooldownMs: 20_000 } } }, [1], 200, oneStage(short, 150)).map(({ second }) => second);
    expect(seconds).toHaveLength(2);
    expect(seconds[0]).toBeLessThanOrEqual(65);
    expect(seconds[1]).toBe((seconds[0] ?? 0) + 60);
  });
});

describe('what is measured can mislead', () => {
  test('AS6: an operator that sleeps keeps the tasks without which it would be saturated', () => {
    /** Each task takes 100/s, and looks 30 % busy when it has no input waiting. */
    const sleeper: Measured = (_, [tasks = 1]) => {
      const rate = Math.min(150, 100 * tasks);
      return [source(rate, 150, rate < 150 ? 1 : 0), sampleOf(1, tasks, rate, rate < 150 ? 1 : (0.3 * rate) / (100 * tasks))];
    };
    expect(drive(AUTO, [1], 600, sleeper).map(({ to }) => to)).toEqual([3]);
    // The memory fades: with two, which are 75 % full, it can do as well.
    expect(drive(AUTO, [1], 3_600, sleeper).map(({ to }) => to)).toEqual([3, 2]);
  });

  test('AS4: no task is removed while the backlog grows', () => {
    const growing: Measured = (second, [tasks = 1]) => [source(100), sampleOf(1, tasks, 100, 0.1, { backlogBytes: 1_000 * second })];
    expect(drive(AUTO, [4], 120, growing)).toEqual([]);
    const full: Measured = (_, [tasks = 1]) => [source(100), sampleOf(1, tasks, 100, 0.1, { backlogBytes: 1_000 })];
    expect(drive(AUTO, [4], 120, full)).toHaveLength(1);
  });

  test('AS7: tasks that brought nothing are the last', () => {
    /** A shared resource lets 100/s through, however many tasks there are. */
    const stuck: Measured = (_, [tasks = 1]) => [source(100, 300, 1), sampleOf(1, tasks, 100, 1)];
    const decided = drive(AUTO, [1], 600, stuck);
    expect(decided.filter(({ kind }) => kind === 'scale').map(({ to }) => to)).toEqual([5]);
    expect(decided.find(({ kind }) => kind === 'hold')?.reason).toContain(': 1 -> 5 brought nothing, 100/s before and 100/s since');
    expect(decided.length).toBeLessThanOrEqual(4);
  });

  test('AS7: tasks that were added before they were needed are not held against a stage that needs more', () => {
    const later = (second: number) => (second > 60 ? 300 : 65);
    const dropped = (second: number) => (second > 20 && second <= 120 ? 115 : 300);
    expect(drive(AUTO, [1], 200, oneStage(later, 70)).map(({ kind, to }) => [kind, to])).toEqual([['scale', 2], ['scale', 7]]);
    expect(drive(AUTO, [3], 300, oneStage(dropped, 70)).filter(({ kind }) => kind === 'hold')).toEqual([]);
  });

  test('AS7: a hot key does not draw tasks without end, not even where nobody knows what the source wants', () => {
    /** One task gets 80 % of the tuples and takes 100/s. */
    const skewed = (wanted: number | undefined): Measured => (_, [tasks = 1]) => {
      const rate = tasks === 1 ? 100 : 125;
      return [source(rate, wanted, 1), sampleOf(1, tasks, rate, rate / (100 * tasks))];
    };
    expect(drive(AUTO, [1], 600, skewed(300)).filter(({ kind }) => kind === 'scale').map(({ to }) => to)).toEqual([5]);
    expect(drive(AUTO, [1], 600, skewed(undefined)).at(-1)?.to).toBeLessThanOrEqual(4);
  });
});

describe('AS1', () => {
  const noisy = (second: number) => upAndDown(second) * (1 + 0.2 * Math.sin(second * second));

  test('the same input gives the same decisions, and the state survives JSON', () => {
    const measured = oneStage(noisy, 150);
    let [kept, sent]: (AutoscaleState | undefined)[] = [];
    let [tasks, actions] = [1, 0];
    for (let second = 1; second <= 180; second++) {
      const samples = measured(second, [tasks]);
      const one: Outcome = decide(kept, samples, second * 1_000, AUTO);
      const other: Outcome = decide(sent, samples, second * 1_000, AUTO);
      expect(other).toEqual(one);
      expect(JSON.parse(JSON.stringify(one.state))).toEqual(one.state);
      kept = one.state;
      sent = JSON.parse(JSON.stringify(other.state)) as AutoscaleState;
      tasks = one.decisions.find(({ kind }) => kind === 'scale')?.to ?? tasks;
      actions += one.decisions.length;
    }
    expect(actions).toBeGreaterThan(1);
  });

  test('what was handed in is not changed, and a state from a later time is not used', () => {
    const samples = oneStage(noisy, 150)(1, [1]);
    const { state } = decide(undefined, samples, 5_000, AUTO);
    const before = structuredClone(state);
    decide(state, samples, 6_000, AUTO);
    expect(state).toEqual(before);
    expect(decide(state, samples, 4_000, AUTO)).toEqual(decide(undefined, samples, 4_000, AUTO));
  });
});
