import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { CheckpointEvery, Contract } from '../../src/job/contract.ts';
import { CheckpointTiming } from '../../src/task/checkpoint-timing.ts';

const MIB = 1024 * 1024;

/** A clock whose waits pass when the test says so. */
class HeldClock implements Clock {
  readonly waits: number[] = [];
  #pass: (() => void)[] = [];

  now(): number {
    return 0;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pass.push(resolve);
    signal?.addEventListener('abort', () => resolve());
    return promise;
  }

  async pass(): Promise<void> {
    for (const resolve of this.#pass.splice(0)) resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
}

function timing(checkpointEvery?: CheckpointEvery, contract: Contract = 'snapshot'): { timing: CheckpointTiming; clock: HeldClock; fell: () => number } {
  const clock = new HeldClock();
  let fell = 0;
  return { clock, fell: () => fell, timing: new CheckpointTiming({ contract, checkpointEvery }, clock, () => (fell += 1)) };
}

describe('unless the stage says otherwise, a checkpoint is due', () => {
  test('after 16 MiB, or four times the last state', () => {
    const { timing: of } = timing();
    of.fed(16 * MIB - 1);
    expect(of.due).toBe(false);
    of.fed(1);
    expect(of.due).toBe(true);
    of.begun();
    expect(of.due).toBe(false);
    of.recorded(8 * MIB, 3);
    of.fed(32 * MIB - 1);
    expect(of.due).toBe(false);
    of.fed(1);
    expect(of.due).toBe(true);
  });

  test.each(['restart', 'fold'] as const)('after 32 MiB under %s, which starts a process for it', (contract) => {
    const { timing: of } = timing(undefined, contract);
    of.fed(32 * MIB - 1);
    expect(of.due).toBe(false);
    of.fed(1);
    expect(of.due).toBe(true);
  });

  test.each(['restart', 'fold'] as const)('five seconds after something new under %s', (contract) => {
    const { timing: of, clock } = timing(undefined, contract);
    of.fed(1);
    expect(clock.waits).toEqual([5_000]);
  });

  test('a second after something new, and not without', async () => {
    const { timing: of, clock, fell } = timing();
    expect(clock.waits).toEqual([]);
    of.fed(1);
    of.fed(1);
    expect([clock.waits, of.due]).toEqual([[1_000], false]);
    await clock.pass();
    expect([of.due, fell()]).toEqual([true, 1]);
    of.begun();
    expect([of.due, clock.waits.length]).toEqual([false, 1]);
  });

  test('less often where handing out the state takes long', () => {
    const { timing: of, clock } = timing();
    of.recorded(1, 2_000);
    of.fed(1);
    expect(clock.waits).toEqual([40_000]);
  });
});

describe('where the stage says how often', () => {
  test('by time, it is due by time alone', async () => {
    const { timing: of, clock } = timing({ kind: 'time', ms: 200 });
    of.recorded(1, 60_000);
    of.fed(100 * MIB);
    expect([clock.waits, of.due]).toEqual([[200], false]);
    await clock.pass();
    expect(of.due).toBe(true);
  });

  test('by size, by size alone', () => {
    const { timing: of, clock } = timing({ kind: 'size', bytes: 10 });
    of.recorded(MIB, 0);
    of.fed(9);
    expect([clock.waits, of.due]).toEqual([[], false]);
    of.fed(1);
    expect(of.due).toBe(true);
  });
});

test('what is stopped falls due no more', async () => {
  const { timing: of, clock, fell } = timing();
  of.fed(1);
  of.stop();
  await clock.pass();
  expect([of.due, fell()]).toEqual([false, 0]);
});
