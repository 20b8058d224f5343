import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Block } from '../../src/job/block.ts';
import { Partitioner } from '../../src/job/partition.ts';
import type { Partitioning } from '../../src/job/plan.ts';
import { LaneRouter } from '../../src/task/lane-router.ts';
import type { Lane } from '../../src/task/lane.ts';
import { Lanes } from '../../src/task/lanes.ts';
import type { Router } from '../../src/task/router.ts';
import type { SwitchPoint } from '../../src/task/switch-point.ts';
import { blocksOf } from '../job/blocks-of.ts';
import { chunksOf } from '../job/csv-samples.ts';
import { RecordedChannel } from './recorded-channels.ts';

interface Generation {
  readonly generation: number;
  readonly channels: readonly RecordedChannel[];
}

interface Rig {
  readonly lanes: Lanes;
  readonly router: Router;
  readonly generations: readonly Generation[];
}

interface RigOptions {
  readonly partitioning?: Partitioning;
  /** Of each generation. */
  readonly consumers: readonly number[];
  /** Recorded: from one generation to the next. */
  readonly ordinals: readonly number[];
}

/** A task whose next stage was rescaled, or is; all its generations are there. */
function rigOf({ partitioning = { kind: 'line' }, consumers, ordinals }: RigOptions): Rig {
  const generations = consumers.map((count, index) => ({ generation: index + 1, channels: Array.from({ length: count }, (_, task) => new RecordedChannel(`g${index + 1}.${task}`)) }));
  const lanes = new Lanes({ switches: switchesAt(ordinals), makeRouter: (channels) => new LaneRouter({ partitioning, producerIndex: 0, channels, windowBytes: 512 }) });
  lanes.set(generations.map(laneOf));
  const router = lanes.router();
  router.restart(undefined);
  return { lanes, router, generations };
}

function laneOf({ generation, channels }: Generation): Lane {
  return { generation, senders: channels.map(({ sender }) => sender), pending: false };
}

function switchesAt(ordinals: readonly number[]): SwitchPoint[] {
  return ordinals.map((ordinal, index) => ({ generation: index + 2, ordinal }));
}

function blockOf(text: string): Block {
  const [block] = blocksOf('lines', [Buffer.from(text)]);
  return block as Block;
}

/** What each consumer of each generation has. */
function taken({ generations }: Rig): string[][] {
  return generations.map(({ channels }) => channels.map(({ bytes }) => bytes.toString()));
}

function ackAll({ generations }: Rig): void {
  for (const { channels } of generations) for (const channel of channels) channel.ack();
}

const anyTuples = fc.array(fc.tuple(fc.nat(9), fc.nat(90)).map(([key, length]) => `${key},${'x'.repeat(length)}\n`), { maxLength: 60 });
const anyCuts = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 9 });
const anyPartitioning = fc.constantFrom<Partitioning>({ kind: 'spread' }, { kind: 'line' }, { kind: 'column', column: 1 });
const anyConsumers = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

const cases = fc.record({ tuples: anyTuples, partitioning: anyPartitioning, consumers: anyConsumers, shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), cuts: anyCuts })
  .map(({ shares, ...rest }) => ({ ...rest, ordinals: shares.slice(0, rest.consumers.length - 1).map((share) => Math.round(share * rest.tuples.length)).toSorted((a, b) => a - b) }));

describe('which generation and consumer a tuple goes to', () => {
  test('follows from its ordinal, its key or place, and the recorded SWITCHes alone, however the output was cut', () => {
    fc.assert(fc.property(cases, ({ tuples, cuts, ...options }) => {
      const rig = rigOf(options);
      for (const block of blocksOf('lines', chunksOf(Buffer.from(tuples.join('')), cuts))) rig.router.route(block);
      rig.router.finish();
      expect(taken(rig)).toEqual(expectedOf(tuples, options));
      expect([rig.router.tuples, rig.router.generation]).toEqual([tuples.length, options.consumers.length]);
      // Each lane but the last has its superseded end.
      expect(rig.generations.map(({ channels }) => channels.map(({ superseded }) => superseded))).toEqual(options.consumers.map((count, index) => Array.from({ length: count }, () => [index < options.consumers.length - 1])));
    }));
  });

  test('is the same in every attempt that restarts from a position, wherever the one before it was', () => {
    const restarts = fc.array(fc.record({ takeAfter: fc.nat(12), crashAfter: fc.nat(12), cuts: anyCuts }), { maxLength: 4 });
    fc.assert(fc.property(cases, restarts, ({ tuples, cuts, ...options }, attempts) => {
      const rig = rigOf(options);
      const bytes = Buffer.from(tuples.join(''));
      let { router } = rig;
      let from = router.position;
      for (const { takeAfter, crashAfter, cuts: own } of attempts) {
        const blocks = blocksOf('lines', chunksOf(bytes.subarray(from.offsetBytes), own));
        for (const block of blocks.slice(0, takeAfter)) router.route(block);
        ackAll(rig);
        const position = router.position;
        ackAll(rig);
        for (const block of blocks.slice(takeAfter, takeAfter + crashAfter)) router.route(block);
        router.flush();
        from = position;
        router = rig.lanes.router();
        router.restart(from);
      }
      for (const block of blocksOf('lines', chunksOf(bytes.subarray(from.offsetBytes), cuts))) router.route(block);
      router.finish();
      expect(taken(rig)).toEqual(expectedOf(tuples, options));
    }));
  });
});

/** Decided tuple by tuple. */
function expectedOf(tuples: readonly string[], { partitioning = { kind: 'line' }, consumers, ordinals }: RigOptions): string[][] {
  const expected = consumers.map((count) => Array.from({ length: count }, () => ''));
  const owners = new Uint16Array(1);
  let offsetBytes = 0;
  for (const [ordinal, tuple] of tuples.entries()) {
    const generation = ordinals.filter((at) => at <= ordinal).length;
    const bytes = Buffer.from(tuple);
    new Partitioner(partitioning, consumers[generation] as number, 0).assign({ bytes, count: 1, ends: Uint32Array.of(bytes.length) }, offsetBytes, owners);
    const lane = expected[generation] as string[];
    lane[owners[0] as number] += tuple;
    offsetBytes += bytes.length;
  }
  return expected;
}

test('LN2: a lane is ended once its SWITCH is behind what was routed, and in an attempt that begins behind it at once', () => {
  const rig = rigOf({ consumers: [1, 1], ordinals: [2] });
  const superseded = () => rig.generations.map(({ channels }) => channels.flatMap((channel) => channel.superseded));
  rig.router.route(blockOf('a\n'));
  expect(superseded()).toEqual([[], []]);
  rig.router.route(blockOf('b\n'));
  expect(superseded()).toEqual([[true], []]);

  const again = rigOf({ consumers: [1, 1], ordinals: [2] });
  again.lanes.router().restart({ tuples: 3, offsetBytes: 6, generation: 2, channels: [{ sequence: 1, digest: 0, stopped: false }] });
  expect(again.generations.map(({ channels }) => channels.flatMap((channel) => channel.superseded))).toEqual([[true], []]);
});

test('LN4: what goes to a generation that is gone is counted and dropped', () => {
  const rig = rigOf({ consumers: [2, 1], ordinals: [3] });
  const [, next] = rig.generations as [Generation, Generation];
  rig.lanes.set([laneOf(next)]);
  rig.router.route(blockOf('a\nb\n'));
  expect([rig.router.tuples, rig.router.full, rig.router.unwanted, rig.router.position.offsetBytes]).toEqual([2, false, false, 4]);
  rig.router.route(blockOf('c\nd\n'));
  expect([taken(rig), rig.router.tuples]).toEqual([[['', ''], ['d\n']], 4]);
  rig.router.finish();
  next.channels[0]?.ack();
  next.channels[0]?.ackEnd();
  expect(rig.router.done).toBe(true);
});

test('a generation that comes later has all that was put out since the SWITCH, and the end', () => {
  const rig = rigOf({ consumers: [1, 2], ordinals: [1] });
  const [old, next] = rig.generations as [Generation, Generation];
  rig.lanes.set([laneOf(old), { ...laneOf(next), pending: true }]);
  rig.router.route(blockOf('a\nb\nc\nd\n'));
  rig.router.finish();
  for (const channel of old.channels) {
    channel.ack();
    channel.ackEnd();
  }
  expect(rig.router.done, 'the next are to have the rest').toBe(false);
  rig.lanes.set([laneOf(next)]);
  for (const channel of next.channels) {
    channel.ack();
    channel.ackEnd();
  }
  expect([taken(rig)[0], taken(rig)[1]?.join('').length, rig.router.done]).toEqual([['a\n'], 6, true]);
});

test('nobody waits for tasks that are not there yet and get nothing: their rescale came too late', () => {
  const rig = rigOf({ consumers: [1, 2], ordinals: [] });
  const [old, next] = rig.generations as [Generation, Generation];
  rig.lanes.set([laneOf(old), { ...laneOf(next), pending: true }]);
  rig.router.route(blockOf('a\n'));
  rig.router.finish();
  old.channels[0]?.ack();
  old.channels[0]?.ackEnd();
  expect([rig.router.done, old.channels[0]?.superseded]).toEqual([true, [false]]);
});

test('DIVERGED: an attempt ends before a recorded SWITCH', () => {
  const rig = rigOf({ consumers: [1, 1], ordinals: [3] });
  rig.router.route(blockOf('a\nb\n'));
  expect(() => rig.router.finish()).toThrow(expect.objectContaining({ code: 'DIVERGED', message: expect.stringContaining('it ended after 2 tuples, but 3 were there before') as string }) as Error);
  expect(rig.generations.flatMap(({ channels }) => channels.flatMap(({ fins }) => fins))).toEqual([]);
});

test('the output is wanted as long as others of the next stage are still to have some', () => {
  const rig = rigOf({ consumers: [1, 1], ordinals: [3] });
  rig.generations[0]?.channels[0]?.sender.onStop();
  expect(rig.router.unwanted).toBe(false);
  rig.router.route(blockOf('a\nb\nc\n'));
  expect(rig.router.unwanted).toBe(false);
  rig.generations[1]?.channels[0]?.sender.onStop();
  expect(rig.router.unwanted).toBe(true);
});
