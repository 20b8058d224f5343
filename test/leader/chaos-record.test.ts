import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChaosRecord } from '../../src/leader/chaos-record.ts';
import type { Victim } from '../../src/leader/chaos-schedule.ts';

const task: Victim = { kind: 'tasks', name: '2-0' };
const worker: Victim = { kind: 'workers', name: 'w1' };

test('each kill has its time, and its recovery once there is one', () => {
  const record = new ChaosRecord(7, 1_000);
  record.killed(task, 1_500);
  record.killed(worker, 2_000);
  record.recovered(task, 1_580);
  expect(record.open).toEqual([worker]);
  expect(record.summary()).toEqual({
    seed: 7,
    kills: [{ ...task, atMs: 500, recoveryMs: 80 }, { ...worker, atMs: 1_000, recoveryMs: undefined }],
    medianMs: 80,
    maxMs: 80,
  });
});

test('one that was killed while it recovered comes back once, for both kills', () => {
  const record = new ChaosRecord(1, 0);
  record.killed(task, 100);
  record.killed(task, 140);
  record.recovered(task, 200);
  record.recovered(task, 900);
  expect(record.summary().kills.map(({ recoveryMs }) => recoveryMs)).toEqual([100, 60]);
});

test('a victim of the same name and another kind is another victim', () => {
  const record = new ChaosRecord(1, 0);
  record.killed(task, 100);
  record.recovered({ kind: 'workers', name: task.name }, 200);
  expect(record.open).toEqual([task]);
});

test('without a recovery there is neither median nor longest', () => {
  const record = new ChaosRecord(1, 0);
  record.killed(task, 5);
  expect(record.summary()).toMatchObject({ medianMs: undefined, maxMs: undefined });
});

test('as many recoveries are longer than the median as are shorter, and none than the longest', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 }), (recoveries) => {
    const record = new ChaosRecord(1, 0);
    for (const [index, ms] of recoveries.entries()) {
      const victim: Victim = { kind: 'tasks', name: `1-${index}` };
      record.killed(victim, index);
      record.recovered(victim, index + ms);
    }
    const { medianMs = Number.NaN, maxMs } = record.summary();
    expect(maxMs).toBe(Math.max(...recoveries));
    expect(recoveries.filter((ms) => ms < medianMs).length).toBeLessThanOrEqual(recoveries.length / 2);
    expect(recoveries.filter((ms) => ms > medianMs).length).toBeLessThanOrEqual(recoveries.length / 2);
  }));
});
