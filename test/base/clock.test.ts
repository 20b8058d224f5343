import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';

test('the system clock never goes back', () => {
  const times = Array.from({ length: 100 }, () => systemClock.now());
  expect([...times].sort((a, b) => a - b)).toEqual(times);
});

test('a wait ends by itself, and at once when its signal is aborted, before or meanwhile', async () => {
  await systemClock.wait(1);
  await systemClock.wait(1_000_000, AbortSignal.abort());
  const meanwhile = new AbortController();
  const waiting = systemClock.wait(1_000_000, meanwhile.signal);
  meanwhile.abort();
  await waiting;
});
