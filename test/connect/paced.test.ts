import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { PacedSource } from '../../src/connect/paced.ts';
import type { Source } from '../../src/connect/source.ts';
import { StdinSource } from '../../src/connect/stdin-source.ts';
import { Readable } from 'node:stream';
import { FakeClock } from '../base/fake-clock.ts';
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
    const bytes = await readAll(new PacedSource(rows(2500, 700), 333, new FakeClock()));
    expect(bytes.toString()).toBe(Array.from({ length: 2500 }, (_, i) => `${i}\n`).join(''));
  });

  test('hands on pieces of 50 ms', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(1000, 1000), 1000, clock);
    const counts: number[] = [];
    for (let block = await source.read(); block !== undefined; block = await source.read()) counts.push(block.count);
    expect(new Set(counts)).toEqual(new Set([50]));
    expect(new Set(clock.waits)).toEqual(new Set([50]));
  });

  test('a rate below one tuple per piece hands on single tuples, and a very low one survives its long waits', async () => {
    const clock = new FakeClock();
    expect(await times(new PacedSource(rows(4, 4), 2, clock), clock)).toEqual([0, 500, 1000, 1500]);
    const slow = new FakeClock();
    expect(await times(new PacedSource(rows(2, 2), 1 / (86_400 * 30), slow), slow)).toEqual([0, 86_400 * 30 * 1000]);
    expect(Math.max(...slow.waits)).toBeLessThanOrEqual(60_000);
  });

  test('late timers do not add up', async () => {
    const clock = new FakeClock(7);
    const at = await times(new PacedSource(rows(60_000, 9000), 100, clock), clock);
    const last = at.at(-1) ?? 0;
    expect(Math.abs(last - 600_000)).toBeLessThan(100);
  });

  test('never hands on more than the rate allows, by more than a piece', async () => {
    const clock = new FakeClock(3);
    const rate = 997;
    const at = await times(new PacedSource(rows(5000, 123), rate, clock), clock);
    at.forEach((ms, i) => expect(i + 1).toBeLessThanOrEqual((ms * rate) / 1000 + 50));
  });

  test('after a stall catches up a second at most', async () => {
    const clock = new FakeClock();
    const source = new PacedSource(rows(10_000, 10_000), 100, clock);
    await source.read();
    clock.ms += 60_000;
    const resumed = clock.ms;
    let burst = 0;
    for (let block = await source.read(); block !== undefined && clock.ms === resumed; block = await source.read()) burst += block.count;
    expect(burst).toBeGreaterThanOrEqual(100);
    expect(burst).toBeLessThanOrEqual(105);
  });

  test('close ends the wait of a pending read', async () => {
    const source = new PacedSource(rows(2, 2), 0.001, systemClock);
    await source.read();
    const pending = source.read();
    await source.close();
    expect(await pending).toBeUndefined();
    expect(await source.read()).toBeUndefined();
  });
});
