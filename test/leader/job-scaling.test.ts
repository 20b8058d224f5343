import { describe, expect, test } from 'vitest';
import { JobScaling, type ScalingEvent } from '../../src/leader/job-scaling.ts';

const NOW = new Date(0);
const UP = { stage: 2, from: 1, to: 4, reason: 'too much to do' };

describe('the changes of a job', () => {
  test('are known from their beginning, and how they ended', () => {
    const scaling = new JobScaling();
    const [first, second] = [scaling.begin(UP, NOW), scaling.begin({ ...UP, stage: 3 }, NOW)];
    expect([2, 3, 4].map((stage) => scaling.isUnderWay(stage))).toEqual([true, true, false]);
    scaling.done(first);
    scaling.refused(second, 'no room');
    expect([2, 3].map((stage) => scaling.isUnderWay(stage))).toEqual([false, false]);
    expect(scaling.records).toEqual([
      { number: 1, at: '1970-01-01T00:00:00.000Z', ...UP, outcome: 'done' },
      { number: 2, at: '1970-01-01T00:00:00.000Z', ...UP, stage: 3, outcome: 'refused', why: 'no room' },
    ]);
  });

  test('are told to whoever listens, until he listens no more', () => {
    const scaling = new JobScaling();
    const heard: ScalingEvent[] = [];
    const off = scaling.listen((event) => heard.push(event));
    scaling.advise(2, 'two more');
    scaling.done(scaling.begin(UP, NOW));
    off();
    scaling.advise(2, 'three more');
    expect(heard.map((event) => (event.kind === 'scale' ? event.record.outcome : event.text))).toEqual(['two more', 'begun', 'done']);
  });

  test('are forgotten from the oldest on when there are many, but not those that are under way', () => {
    const scaling = new JobScaling();
    const oldest = scaling.begin(UP, NOW);
    for (let count = 0; count < 150; count++) scaling.done(scaling.begin({ ...UP, stage: 3 }, NOW));
    expect(scaling.records.map(({ number }) => number)).toEqual([1, ...Array.from({ length: 99 }, (_, index) => index + 53)]);
    scaling.done(oldest);
    expect(scaling.isUnderWay(2)).toBe(false);
  });
});

test('advice is the last word on each stage, until the stage is given other tasks', () => {
  const scaling = new JobScaling();
  scaling.advise(3, 'c');
  scaling.advise(2, 'a');
  scaling.advise(2, 'b');
  expect(scaling.advice()).toEqual(['b', 'c']);
  scaling.begin(UP, NOW);
  expect(scaling.advice()).toEqual(['c']);
});
