import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { PacedSource } from '../../src/connect/paced.ts';
import type { Source } from '../../src/connect/source.ts';
import { StdinSource } from '../../src/connect/stdin-source.ts';
import { parseRate } from '../../src/job/rate-argument.ts';
import { RateSchedule, steadyRate } from '../../src/job/rate-schedule.ts';
import { Readable } from 'node:stream';
import { FakeClock } from '../base/fake-clock.ts';
import { rateSteps } from '../job/rates.ts';
import { checkBlock, readAll } from './scratch.ts';

/** A source of `count` tuples in chunks of `perChunk`. */
function rows(count: number, perChunk: number): Source {
  const lines = Array.from({ length: count }, (_, i) => `${i}\n`);
  const chunks = Array.from({ length: Math.ceil(count / perChunk) }, (_, i) => lines.slice(i * perChunk, (i + 1) * perChunk).join(''));
  const source = new StdinSource(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
  source.start({ format: 'lines', header: false, maxTupleBytes: 1000 });
  return source;
}

/** When each tuple was handed on. */
async function times(source: Source, clock: FakeClock): Promise<number[]> {
  const at: number[] = [];
  for (let block = await source.read(); block !== undefined; block = await source.read()) {
    checkBlock(block);
    for (let i = 0; i < block.count; i++) at.push(clock.ms);
  }
  return at;
}

describe('PacedSource', () => {
  test('changes no byte', async () => {
    const bytes = await readAll(new PacedSource(rows(2500, 700), steadyRate(333), new FakeClock()));
    expect(bytes.toString()).toBe(Array.from({ length: 2500 }, (_, i) => `${i}\n`).join(''));
  });

  test('hands on pieces of 50 ms', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(1000, 1000), steadyRate(1000), clock);
    const counts: number[] = [];
    for (let block = await source.read(); block !== undefined; block = await source.read()) counts.push(block.count);
    expect(new Set(counts)).toEqual(new Set([50]));
    expect(new Set(clock.waits)).toEqual(new Set([50]));
  });

  test('a rate below one tuple per piece hands on single tuples, and a very low one survives its long waits', async () => {
    const clock = new FakeClock();
    expect(await times(new PacedSource(rows(4, 4), steadyRate(2), clock), clock)).toEqual([0, 500, 1000, 1500]);
    const slow = new FakeClock();
    expect(await times(new PacedSource(rows(2, 2), steadyRate(1 / (86_400 * 30)), slow), slow)).toEqual([0, 86_400 * 30 * 1000]);
    expect(Math.max(...slow.waits)).toBeLessThanOrEqual(60_000);
  });

  test('late timers do not add up', async () => {
    const clock = new FakeClock(7);
    const at = await times(new PacedSource(rows(60_000, 9000), steadyRate(100), clock), clock);
    const last = at.at(-1) ?? 0;
    expect(Math.abs(last - 600_000)).toBeLessThan(100);
  });

  test('never hands on more than the rate allows, by more than a piece', async () => {
    const clock = new FakeClock(3);
    const rate = 997;
    const at = await times(new PacedSource(rows(5000, 123), steadyRate(rate), clock), clock);
    at.forEach((ms, i) => expect(i + 1).toBeLessThanOrEqual((ms * rate) / 1000 + 50));
  });

  test('in a hurry waits for nothing, and gives no more than a piece of what may not have been read before', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(1000, 1000), steadyRate(1000), clock);
    const hurried = [(await source.read(true))?.count, (await source.read(true))?.count];
    expect(hurried).toEqual([50, 50]);
    expect(clock.waits).toEqual([]);
    const rest = await times(source, clock);
    expect([rest.length, rest.at(-1)]).toEqual([900, 850]);
  });

  test('after a stall catches up a second at most', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(10_000, 10_000), steadyRate(100), clock);
    await source.read();
    clock.ms += 60_000;
    const resumed = clock.ms;
    let burst = 0;
    for (let block = await source.read(); block !== undefined && clock.ms === resumed; block = await source.read()) burst += block.count;
    expect(burst).toBeGreaterThanOrEqual(100);
    expect(burst).toBeLessThanOrEqual(105);
  });

  test('close ends the wait of a pending read', async () => {
    const source = new PacedSource(rows(2, 2), steadyRate(0.001), systemClock);
    await source.read();
    const pending = source.read();
    await source.close();
    expect(await pending).toBeUndefined();
    expect(await source.read()).toBeUndefined();
  });
});

/** How many of the times are from `fromMs` on and before `toMs`. */
function within(at: readonly number[], fromMs: number, toMs: number): number {
  return at.filter((ms) => ms >= fromMs && ms < toMs).length;
}

describe('a rate that changes', () => {
  test('holds from its time on, up or down', async () => {
    const clock = new FakeClock(3);
    const at = await times(new PacedSource(rows(23_000, 5_000), parseRate('100,20s:1000,40s:100'), clock), clock);
    const late = 3;
    expect(within(at, 0, 20_000)).toBe(2_000);
    expect(within(at, 20_000, 40_000 + late)).toBe(20_000);
    expect(within(at, 40_000 + late, Infinity)).toBe(1_000);
    expect(Math.abs((at.at(-1) ?? 0) - 50_000)).toBeLessThan(100);
  });

  test('is kept to in pieces of 50 ms, cut where it changes', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(200, 200), parseRate('1000,70ms:200,200ms:0,300ms:2000'), clock);
    const pieces: [number, number][] = [];
    for (let block = await source.read(); block !== undefined; block = await source.read()) pieces.push([clock.ms, block.count]);
    expect(pieces).toEqual([[0, 50], [50, 20], [70, 10], [120, 10], [170, 6], [300, 100], [350, 4]]);
  });

  test('does not wait for a tuple of the rate before', async () => {
    const clock = new FakeClock();
    expect(await times(new PacedSource(rows(4, 4), parseRate('0.001,20s:10'), clock), clock)).toEqual([0, 20_098, 20_198, 20_298]);
  });

  test('may be a pause, at the start and later, in which nothing comes, and nothing more behind it', async () => {
    const clock = new FakeClock();
    expect(await times(new PacedSource(rows(5, 5), parseRate('0,90s:1,92s:0,1h:2'), clock), clock)).toEqual([90_000, 91_000, 3_600_000, 3_600_500, 3_601_000]);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(60_000);
  });

  test('comes at its time also after a stall, of which a second is caught up', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(10_000, 10_000), parseRate('100,60s:1000'), clock);
    const first = (await source.read())?.count ?? 0;
    clock.ms += 58_000;
    const at = await times(source, clock);
    expect(first).toBe(5);
    expect(within(at, 58_000, 58_001)).toBeGreaterThanOrEqual(100);
    expect(within(at, 58_000, 58_001)).toBeLessThanOrEqual(105);
    expect(within(at, 58_000, 60_000)).toBe(300);
    expect(within(at, 60_000, 61_000)).toBe(1_000);
  });

  test('lets nothing of a stall be caught up in a pause, but for its last second', async () => {
    const stalledFor = async (ms: number) => {
      const clock = new FakeClock();
      const source = new PacedSource(rows(2_000, 2_000), parseRate('100,10s:0,100s:10'), clock);
      await source.read();
      clock.ms += ms;
      const at = await times(source, clock);
      return { caughtUp: within(at, ms, ms + 1), before: within(at, ms + 1, 100_000), behind: within(at, 100_000, 101_000) };
    };
    expect(await stalledFor(50_000)).toEqual({ caughtUp: 0, before: 0, behind: 10 });
    expect(await stalledFor(10_400)).toEqual({ caughtUp: 60, before: 0, behind: 10 });
  });

  test('hands each tuple on when it is due, at most a piece earlier, and as late as its timer', async () => {
    const schedules = rateSteps({ maxStepMs: 20_000, tuplesPerSecond: fc.double({ min: 0.1, max: 500, noNaN: true }) });
    await fc.assert(fc.asyncProperty(schedules, fc.nat(900), fc.integer({ min: 1, max: 500 }), async (steps, lateMs, perChunk) => {
      const clock = new FakeClock(lateMs);
      const schedule = new RateSchedule(steps);
      const at = await times(new PacedSource(rows(500, perChunk), steps, clock), clock);
      expect(at.length).toBe(500);
      for (const [tuple, ms] of at.entries()) {
        expect(ms).toBeGreaterThan(schedule.dueMs(tuple) - 50);
        expect(ms).toBeLessThan(schedule.dueMs(tuple) + lateMs + 0.001);
      }
    }));
  });

  test('never comes to more than the schedule has in a second and a piece, whatever stalls', async () => {
    const schedules = rateSteps({ maxStepMs: 5_000, tuplesPerSecond: fc.double({ min: 1, max: 500, noNaN: true }) });
    await fc.assert(fc.asyncProperty(schedules, fc.array(fc.nat(8_000), { maxLength: 8 }), async (steps, stalls) => {
      const clock = new FakeClock();
      const schedule = new RateSchedule(steps);
      const source = new PacedSource(rows(500, 500), steps, clock);
      const left = [...stalls];
      let [handed, lastMs] = [0, 0];
      for (let block = await source.read(); block !== undefined; block = await source.read()) {
        handed = clock.ms === lastMs ? handed + block.count : block.count;
        lastMs = clock.ms;
        // At one moment: what was due in the second before it, and the piece that begins then.
        expect(handed).toBeLessThanOrEqual(schedule.tuplesBy(lastMs + 50) - schedule.tuplesBy(lastMs - 1000) + 2);
        clock.ms += left.pop() ?? 0;
      }
    }));
  });
});
