import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SPREAD_RUN_BYTES } from '../../src/base/limits.ts';
import type { Block } from '../../src/job/block.ts';
import { type KernelUse, useKernel } from '../../src/job/kernel/kernel.ts';
import { Partitioner } from '../../src/job/partition.ts';
import type { Partitioning } from '../../src/job/plan.ts';
import type { Router } from '../../src/task/router.ts';
import { blocksOf } from '../job/blocks-of.ts';
import { chunksOf } from '../job/csv-samples.ts';
import { lanesOf, setSenders } from './lanes-to.ts';
import { RecordedChannel } from './recorded-channels.ts';

const WINDOW_BYTES = 512;
const FRAME_BYTES = WINDOW_BYTES / 2;

interface Routed {
  readonly router: Router;
  readonly channels: readonly RecordedChannel[];
}

function routerTo(consumers: number, partitioning: Partitioning, options: { producerIndex?: number; windowBytes?: number; maxHeldBytes?: number } = {}): Routed {
  const channels = Array.from({ length: consumers }, (_, index) => new RecordedChannel(`c${index}`, options));
  const lanes = lanesOf({ partitioning, producerIndex: options.producerIndex ?? 0, windowBytes: options.windowBytes ?? WINDOW_BYTES });
  setSenders(lanes, channels.map(({ sender }) => sender));
  return { router: lanes.router(), channels };
}

/** Acks come at the moments that `acks` says: they decide when frames leave, and nothing else. */
function routeAll({ router, channels }: Routed, blocks: readonly Block[], acks: readonly boolean[] = [true]): Buffer[] {
  for (const [index, block] of blocks.entries()) {
    router.route(block);
    if (acks[index % acks.length] !== true) continue;
    for (const channel of channels) channel.ack();
    router.flushIdle();
  }
  router.finish();
  return channels.map(({ bytes }) => bytes);
}

const anyTuple = fc.oneof(
  fc.tuple(fc.nat(20), fc.nat(200)).map(([key, length]) => `${key},${'x'.repeat(length)}\n`),
  fc.tuple(fc.nat(5), fc.nat(3)).map(([key, lines]) => `"${key}","${'a\n'.repeat(lines)}"\n`),
  fc.constant('\n'),
  fc.constant(`7,${'long'.repeat(300)}\n`),
);
const anyTuples = fc.array(anyTuple, { maxLength: 120 });
const anyCuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 });
const anyAcks = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });
const anyPartitioning = fc.constantFrom<Partitioning>({ kind: 'spread' }, { kind: 'line' }, { kind: 'column', column: 1 }, { kind: 'column', column: 2 });

describe.each<KernelUse>(['always', 'never'])('R1, R2, the kernel used %s: each consumer gets', (use) => {
  beforeAll(() => useKernel(use));
  afterAll(() => useKernel('measured'));

  test('the same tuples in the same order, however the output was cut, and whenever it was acked', () => {
    fc.assert(fc.property(anyTuples, anyCuts, anyAcks, anyPartitioning, fc.integer({ min: 1, max: 5 }), (tuples, cuts, acks, partitioning, consumers) => {
      const bytes = Buffer.from(tuples.join(''));
      const inOne = routeAll(routerTo(consumers, partitioning), blocksOf('csv', [bytes]));
      expect(routeAll(routerTo(consumers, partitioning), blocksOf('csv', chunksOf(bytes, cuts)), acks)).toEqual(inOne);
      expect(Buffer.concat(inOne).length).toBe(bytes.length);
    }));
  });

  test('the tuples that its key decides, in the order of the output', () => {
    fc.assert(fc.property(anyTuples, anyCuts, fc.integer({ min: 1, max: 5 }), (tuples, cuts, consumers) => {
      const partitioning = { kind: 'column', column: 1 } as const;
      const expected = Array.from({ length: consumers }, () => '');
      const owners = new Uint16Array(1);
      for (const tuple of tuples) {
        const bytes = Buffer.from(tuple);
        new Partitioner(partitioning, consumers, 0).assign({ bytes, count: 1, ends: Uint32Array.of(bytes.length) }, 0, owners);
        expected[owners[0] as number] += tuple;
      }
      expect(routeAll(routerTo(consumers, partitioning), blocksOf('csv', chunksOf(Buffer.from(tuples.join('')), cuts))).map(String)).toEqual(expected);
    }));
  });

  test('a tuple too long for the kernel in its order, with those around it', () => {
    const tuples = Buffer.from(`a,1\n${'b'.repeat(400_000)}\na,2\n`);
    expect(routeAll(routerTo(2, { kind: 'column', column: 1 }), blocksOf('csv', [tuples])).map(String).toSorted()).toEqual(['a,1\na,2\n', `${'b'.repeat(400_000)}\n`].toSorted());
  });

  test('without a key, runs of the producer\'s output that change with the position, beginning with its own index', () => {
    const lines = Buffer.from('x'.repeat(99).concat('\n').repeat(3 * 656));
    const consumers = (producerIndex: number) => routeAll(routerTo(3, { kind: 'spread' }, { producerIndex }), blocksOf('lines', chunksOf(lines, [1000]))).map((bytes) => bytes.length);
    // Tuples of 100 bytes begin in the first three runs 656, 655 and 656 times; one is left for the fourth.
    expect(SPREAD_RUN_BYTES).toBe(65_536);
    expect(consumers(0)).toEqual([65_700, 65_500, 65_600]);
    expect(consumers(1)).toEqual([65_600, 65_700, 65_500]);
  });
});

describe.each<KernelUse>(['always', 'never'])('frames, the kernel used %s,', (use) => {
  beforeAll(() => useKernel(use));
  afterAll(() => useKernel('measured'));

  test('hold whole tuples, and no more than half a window unless one tuple is longer', () => {
    fc.assert(fc.property(anyTuples, anyCuts, anyPartitioning, fc.integer({ min: 1, max: 4 }), (tuples, cuts, partitioning, consumers) => {
      const routed = routerTo(consumers, partitioning);
      routeAll(routed, blocksOf('csv', chunksOf(Buffer.from(tuples.join('')), cuts)));
      const frames = routed.channels.flatMap((channel) => channel.frames);
      for (const { bytes, count } of frames) {
        expect(bytes.at(-1)).toBe(0x0a);
        if (count > 1) expect(bytes.length).toBeLessThanOrEqual(FRAME_BYTES);
      }
      expect(frames.reduce((sum, { count }) => sum + count, 0)).toBe(tuples.length);
      expect(routed.router.tuples).toBe(tuples.length);
      // Each channel's own numbers, and its end behind them.
      for (const { frames: own, fins } of routed.channels) {
        let next = 0;
        for (const { first, count } of own) {
          expect(first).toBe(next);
          next += count;
        }
        expect(fins).toEqual([next]);
      }
    }));
  });

  test('are not copied where the output goes to one consumer or is spread by position', () => {
    const block = blocksOf('csv', [Buffer.from('a\nb\n')])[0] as Block;
    for (const consumers of [1, 2]) {
      const { router, channels } = routerTo(consumers, { kind: 'spread' });
      router.route(block);
      expect(channels[0]?.frames[0]?.bytes.buffer).toBe(block.bytes.buffer);
    }
  });

  test('are as large as may be while others are under way, and leave at once when none are', () => {
    const { router, channels } = routerTo(2, { kind: 'column', column: 1 }, { windowBytes: 1 << 20 });
    const tuples = blocksOf('csv', chunksOf(Buffer.from('k,1\n'.repeat(1000)), [4]));
    for (const block of tuples) router.route(block);
    const channel = channels.find(({ frames }) => frames.length > 0);
    expect(channel?.frames.map(({ count }) => count)).toEqual([1]);
    channel?.ack();
    router.flushIdle();
    expect(channel?.frames.map(({ count }) => count)).toEqual([1, 999]);
  });
});

describe('R3: no more is taken', () => {
  test('while any channel is full', () => {
    const { router, channels } = routerTo(2, { kind: 'line' }, { maxHeldBytes: 100 });
    expect(router.full).toBe(false);
    for (const block of blocksOf('csv', chunksOf(Buffer.from('a\n'.repeat(500)), [50]))) router.route(block);
    expect(router.full).toBe(true);
    expect(channels.filter(({ sender }) => sender.full)).toHaveLength(1);
    for (const channel of channels) channel.ack();
    expect(router.full).toBe(false);
  });

  test('once every consumer has had enough', () => {
    const { router, channels } = routerTo(2, { kind: 'spread' });
    channels[0]?.sender.onStop();
    expect(router.unwanted).toBe(false);
    channels[1]?.sender.onStop();
    expect(router.unwanted).toBe(true);
    router.route(blocksOf('csv', [Buffer.from('a\n')])[0] as Block);
    router.finish();
    router.finish();
    expect([router.tuples, router.done, router.full]).toEqual([1, true, false]);
  });
});
