import { expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { LoadMeter, type LoadState } from '../../src/task/load-meter.ts';

test('the time of an operator is what it waited, worked and was blocked for; when none ran does not count', () => {
  let now = 1000;
  let state: LoadState = 'down';
  const clock: Clock = { now: () => now, wait: () => Promise.reject(new Error('nobody waits here')) };
  const meter = new LoadMeter(clock, () => state);
  const pass = (next: LoadState, ms: number) => {
    state = next;
    meter.look();
    now += ms;
  };
  pass('down', 50);
  pass('waiting', 100);
  pass('working', 20);
  pass('blocked', 3);
  pass('working', 7);
  expect(meter.totals(12)).toEqual({ upMs: 130, workingMs: 27, blockedMs: 3, backlogBytes: 12 });
  pass('down', 1000);
  expect(meter.totals(0)).toMatchObject({ upMs: 130 });
});

test('what changes without a look counts from the next one', () => {
  let now = 0;
  let state: LoadState = 'waiting';
  const meter = new LoadMeter({ now: () => now, wait: () => Promise.resolve() }, () => state);
  meter.look();
  now = 10;
  state = 'working';
  meter.look();
  now = 15;
  expect(meter.totals(0)).toEqual({ upMs: 15, workingMs: 5, blockedMs: 0, backlogBytes: 0 });
});
