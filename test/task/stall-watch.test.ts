import { describe, expect, test } from 'vitest';
import { StallWatch } from '../../src/task/stall-watch.ts';
import { ManualClock } from '../base/manual-clock.ts';

function watch() {
  const clock = new ManualClock();
  const told: string[] = [];
  const watched = { has: true, pendingBytes: 100 };
  const stall = new StallWatch(
    { timeoutMs: 1_000, clock, changed: (to, quietMs) => told.push(quietMs > 0 ? `${to} ${quietMs}` : to) },
    { hasToMove: () => watched.has, pendingBytes: () => watched.pendingBytes },
  );
  return { clock, told, watched, stall };
}

describe('an operator stands still', () => {
  test('ST1: when it had something to do for the whole time and did nothing, which is told once', async () => {
    const { clock, told, stall } = watch();
    await clock.advance(5_000);
    stall.look();
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['still 1000']);
    await clock.advance(10_000);
    expect(told).toEqual(['still 1000']);
    stall.moved();
    expect(told).toEqual(['still 1000', 'moving']);
    await clock.advance(2_000);
    expect(told.slice(2)).toEqual([expect.stringMatching(/^still 1\d\d\d$/)]);
  });

  test('ST1: but not while it has nothing to do, however long', async () => {
    const { clock, told, watched, stall } = watch();
    stall.look();
    await clock.advance(900);
    watched.has = false;
    stall.look();
    await clock.advance(50_000);
    watched.has = true;
    stall.look();
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['still 1000']);
  });

  test('ST2: nor while it does something now and then, were it a piece of what it was given', async () => {
    const { clock, told, watched, stall } = watch();
    stall.look();
    for (let step = 0; step < 20; step++) {
      await clock.advance(900);
      if (step < 10) stall.moved();
      else watched.pendingBytes -= 1;
    }
    expect(told).toEqual([]);
    await clock.advance(2_000);
    expect(told).toHaveLength(1);
  });

  test('ST3: and no longer when its output is held back, which may be why it waits', async () => {
    const { clock, told, watched, stall } = watch();
    stall.look();
    await clock.advance(1_000);
    watched.has = false;
    stall.look();
    expect(told).toEqual(['still 1000', 'moving']);
  });

  test('ST4: nor is it judged by who was itself held up', async () => {
    const { clock, told, stall } = watch();
    stall.look();
    await clock.jump(60_000);
    expect(told).toEqual([]);
    await clock.advance(1_000);
    expect(told).toEqual(['still 1000']);
  });

  test('ST5: for which there is one timer at most, and none for who has nothing to do or is gone', async () => {
    const { clock, told, watched, stall } = watch();
    expect(clock.armed).toBe(0);
    for (let times = 0; times < 5; times++) stall.look();
    expect(clock.armed).toBe(1);
    watched.has = false;
    await clock.advance(1_000);
    expect(clock.armed).toBe(0);
    watched.has = true;
    stall.look();
    await clock.advance(1_000);
    expect([clock.armed, told]).toEqual([1, ['still 1000']]);
    stall.end();
    stall.look();
    expect([clock.armed, told]).toEqual([0, ['still 1000', 'gone']]);
  });
});
