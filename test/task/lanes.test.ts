import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Block } from '../../src/job/block.ts';
import { LaneRouter } from '../../src/task/lane-router.ts';
import { Lanes, type LanesOptions } from '../../src/task/lanes.ts';
import type { Router } from '../../src/task/router.ts';
import type { SwitchPoint } from '../../src/task/switch-point.ts';
import { RecordedChannel } from './recorded-channels.ts';

interface RigOptions extends Partial<Pick<LanesOptions, 'switches' | 'generation'>> {
  /** Consumers of the first generation say where they stand when the test lets them. */
  readonly silent?: boolean;
  /** Only the first generation is there. */
  readonly alone?: boolean;
}

/** A task whose next stage has two tasks, and is to have three, which are not there yet. */
class Rig {
  readonly old: readonly RecordedChannel[];
  readonly next = Array.from({ length: 3 }, (_, index) => new RecordedChannel(`1.1.0>2.2.${index}`, { silent: true }));
  readonly recorded: SwitchPoint[] = [];
  readonly told: SwitchPoint[] = [];
  readonly failures: unknown[] = [];
  readonly lanes: Lanes;
  readonly router: Router;
  /** The attempt lives. */
  lives = true;
  #durable = Promise.withResolvers<void>();

  constructor(options: RigOptions = {}) {
    this.lanes = new Lanes({ ...options, makeRouter: (channels) => new LaneRouter({ partitioning: { kind: 'line' }, producerIndex: 0, channels, windowBytes: 1 << 20 }) });
    this.old = Array.from({ length: 2 }, (_, index) => new RecordedChannel(`1.1.0>2.1.${index}`, { silent: options.silent === true, acked: () => this.lanes.look() }));
    this.lanes.attach({
      ready: () => this.lives,
      record: (point) => {
        this.recorded.push(point);
        return this.#durable.promise;
      },
      recorded: (point) => this.told.push(point),
      failed: (error) => this.failures.push(error),
    });
    this.set(options.alone === true ? 'old' : 'both');
    this.router = this.lanes.router();
  }

  set(which: 'old' | 'both' | 'next'): void {
    const old = { generation: 1, senders: this.old.map(({ sender }) => sender), pending: false };
    const next = { generation: 2, senders: this.next.map(({ sender }) => sender), pending: which === 'both' };
    this.lanes.set(which === 'old' ? [old] : which === 'both' ? [old, next] : [next]);
  }

  put(count: number, from = 0): void {
    this.router.route(lines(from, from + count));
    this.router.flush();
  }

  async durable(): Promise<void> {
    this.#durable.resolve();
    await settled();
  }

  async fails(error: RainstormError): Promise<void> {
    this.#durable.reject(error);
    await settled();
  }

  get ends(): boolean[][] {
    return this.old.map(({ superseded }) => superseded);
  }
}

function lines(from: number, to: number): Block {
  const splitter = new BlockSplitter({ format: 'lines', maxTupleBytes: 1 << 20, where: 'test' });
  return splitter.push(Buffer.from(Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join(''))) as Block;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('LN1: a SWITCH is chosen', () => {
  test('where the output is, when every consumer has said that it has no more than was made', () => {
    const rig = new Rig();
    rig.put(5);
    rig.lanes.goOver();
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 5 }]);
    expect([rig.router.generation, rig.lanes.switches.length]).toEqual([2, 1]);
  });

  test('at once where nothing was put out', () => {
    const rig = new Rig();
    rig.lanes.goOver();
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 0 }]);
  });

  test('not before every consumer has said where it stands', () => {
    const rig = new Rig({ silent: true });
    rig.put(5);
    rig.lanes.goOver();
    rig.old[0]?.answer();
    expect(rig.recorded).toEqual([]);
    rig.put(2, 5);
    rig.old[1]?.answer();
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 7 }]);
  });

  test('not while one has more than this attempt has made, but when that is made again', () => {
    const whole = new Rig();
    whole.put(20);
    const rig = new Rig({ silent: true });
    rig.lanes.goOver();
    for (const [index, channel] of rig.old.entries()) {
      const { bytes, sender } = whole.old[index] as RecordedChannel;
      channel.answer({ expected: sender.next, digest: crc32(bytes) });
    }
    for (let tuple = 0; tuple < 20; tuple++) {
      expect(rig.recorded).toEqual([]);
      rig.put(1, tuple);
    }
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 20 }]);
  });

  test('not where one has the end, which another attempt came to', () => {
    const rig = new Rig({ silent: true });
    rig.lanes.goOver();
    rig.old[0]?.answer();
    rig.old[1]?.answer({ expected: 1, ended: true });
    expect(rig.recorded).toEqual([]);
  });

  test('of consumers that want nothing more nobody is waited for, as long as some want more', () => {
    const rig = new Rig({ silent: true });
    rig.old[0]?.sender.onStop();
    rig.lanes.goOver();
    expect(rig.recorded).toEqual([]);
    rig.old[1]?.answer();
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 0 }]);
  });

  test('not while no attempt lives, which may yet make less', () => {
    const rig = new Rig();
    rig.put(5);
    rig.lives = false;
    rig.lanes.goOver();
    rig.lanes.look();
    expect(rig.recorded).toEqual([]);
    rig.lives = true;
    rig.lanes.look();
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 5 }]);
  });

  test('once: asked again the task stays with it', async () => {
    const rig = new Rig();
    rig.put(1);
    rig.lanes.goOver();
    rig.put(3, 1);
    rig.lanes.goOver();
    await rig.durable();
    rig.lanes.goOver();
    rig.lanes.look();
    expect(rig.recorded).toEqual([{ generation: 2, ordinal: 1 }]);
  });

  test('not any more where the rescale came to nothing meanwhile', () => {
    const rig = new Rig({ silent: true });
    rig.lanes.goOver();
    rig.set('old');
    for (const channel of rig.old) channel.answer();
    expect(rig.recorded).toEqual([]);
  });

  test('not where there are no others to go over to', () => {
    const rig = new Rig({ alone: true });
    rig.lanes.goOver();
    rig.put(1);
    expect(rig.recorded).toEqual([]);
  });
});

describe('LN2: until a SWITCH is durable', () => {
  test('no lane is ended, what follows is held for the next, and nobody is told', async () => {
    const rig = new Rig();
    rig.put(5);
    rig.lanes.goOver();
    rig.put(5, 5);
    await settled();
    expect([rig.ends, rig.told, rig.lanes.switching, rig.lanes.outGeneration]).toEqual([[[], []], [], true, undefined]);
    expect(rig.old.reduce((sum, { sender }) => sum + sender.next, 0)).toBe(5);
    expect(rig.lanes.open.map(({ generation }) => generation)).toEqual([1, 2]);
    await rig.durable();
    expect([rig.ends, rig.told, rig.lanes.switching, rig.lanes.outGeneration]).toEqual([[[true], [true]], [{ generation: 2, ordinal: 5 }], false, 2]);
    expect(rig.next.reduce((sum, { sender }) => sum + sender.next, 0)).toBe(5);
    expect(rig.lanes.open.map(({ generation }) => generation)).toEqual([2]);
  });

  test('a next attempt goes by it all the same', async () => {
    const rig = new Rig();
    rig.put(5);
    rig.lanes.goOver();
    const again = rig.lanes.router();
    again.restart(undefined);
    again.route(lines(0, 5));
    expect([again.generation, rig.ends]).toEqual([2, [[], []]]);
    await rig.durable();
    expect([rig.recorded, rig.ends]).toEqual([[{ generation: 2, ordinal: 5 }], [[true], [true]]]);
  });

  test('a next attempt that has not come so far ends no lane when it is', async () => {
    const rig = new Rig();
    rig.put(5);
    rig.lanes.goOver();
    const again = rig.lanes.router();
    again.restart(undefined);
    again.route(lines(0, 4));
    await rig.durable();
    expect([again.generation, rig.ends]).toEqual([1, [[], []]]);
    again.route(lines(4, 5));
    expect([again.generation, rig.ends]).toEqual([2, [[true], [true]]]);
  });

  test('one that cannot be written down fails the task, and no lane is ended', async () => {
    const rig = new Rig();
    rig.lanes.goOver();
    const failure = new RainstormError('STORE_FULL', 'no room');
    await rig.fails(failure);
    expect([rig.failures, rig.told, rig.ends]).toEqual([[failure], [], [[], []]]);
  });

  test('tasks that are not there yet are no consumers', () => {
    const rig = new Rig();
    expect(rig.lanes.connected).toEqual(rig.old.map(({ sender }) => sender));
  });
});

describe('LN3: there is no SWITCH', () => {
  test('behind the end of all output', () => {
    const rig = new Rig();
    rig.put(5);
    rig.router.finish();
    rig.lanes.goOver();
    rig.lanes.look();
    expect([rig.recorded, rig.ends]).toEqual([[], [[false], [false]]]);
  });

  test('where no consumer wants more', () => {
    const rig = new Rig();
    for (const { sender } of rig.old) sender.onStop();
    rig.lanes.goOver();
    rig.put(1);
    expect(rig.recorded).toEqual([]);
  });

  test('of a task that was stopped', () => {
    const rig = new Rig({ silent: true });
    rig.lanes.goOver();
    rig.lanes.end();
    for (const channel of rig.old) channel.answer();
    rig.put(1);
    expect(rig.recorded).toEqual([]);
  });
});

describe('what was written down before', () => {
  test('is gone by, and nothing is written down again', () => {
    const rig = new Rig({ switches: [{ generation: 2, ordinal: 3 }] });
    rig.lanes.goOver();
    rig.put(10);
    expect([rig.recorded, rig.ends, rig.lanes.outGeneration]).toEqual([[], [[true], [true]], 2]);
    expect(rig.next.reduce((sum, { sender }) => sum + sender.next, 0)).toBe(7);
  });

  test('says where output goes before the first attempt is there', () => {
    expect(new Rig({ generation: 4 }).lanes.outGeneration).toBe(4);
    expect(new Rig({ generation: 4, switches: [{ generation: 5, ordinal: 3 }] }).lanes.outGeneration).toBe(5);
  });
});

describe('output before a position is acked', () => {
  test('only when a generation that was left has acked its end', async () => {
    const rig = new Rig();
    rig.put(5);
    rig.lanes.goOver();
    await rig.durable();
    const { position } = rig.router;
    expect([position.generation, rig.lanes.isAcked(position)]).toEqual([2, false]);
    for (const channel of rig.old) channel.ack();
    expect(rig.lanes.isAcked(position), 'the ends are not acked').toBe(false);
    rig.old[0]?.ackEnd();
    expect(rig.lanes.isAcked(position), 'one end is not acked').toBe(false);
    rig.old[1]?.ackEnd();
    expect(rig.lanes.isAcked(position)).toBe(true);
  });

  test('whatever the next generation has, where it lies before the SWITCH', async () => {
    const rig = new Rig();
    rig.put(5);
    const { position } = rig.router;
    for (const channel of rig.old) channel.ack();
    rig.lanes.goOver();
    await rig.durable();
    rig.put(5, 5);
    expect(rig.lanes.isAcked(position)).toBe(true);
  });

  test('when all of the present generation is', async () => {
    const rig = new Rig();
    rig.lanes.goOver();
    await rig.durable();
    rig.put(10);
    const { position } = rig.router;
    rig.set('next');
    for (const channel of rig.next) channel.answer();
    expect(rig.lanes.isAcked(position)).toBe(false);
    for (const channel of rig.next) channel.ack();
    expect(rig.lanes.isAcked(position)).toBe(true);
  });
});

describe('a task has put out nothing', () => {
  test('when every consumer says so', () => {
    const rig = new Rig({ silent: true });
    expect(rig.lanes.untouched).toBeUndefined();
    rig.old[0]?.answer();
    expect(rig.lanes.untouched).toBeUndefined();
    rig.old[1]?.answer();
    expect(rig.lanes.untouched).toBe(true);
  });

  test.each([
    ['what this attempt has made', (rig: Rig) => rig.put(1)],
    ['what another attempt has made', (rig: Rig) => rig.old[0]?.answer({ expected: 1, digest: 7 })],
    ['the end', (rig: Rig) => rig.old[0]?.answer({ expected: 1, ended: true })],
    ['enough', (rig: Rig) => rig.old[0]?.sender.onStop()],
  ])('but not where one has %s', (_, act) => {
    const rig = new Rig({ silent: true });
    act(rig);
    expect(rig.lanes.untouched).toBe(false);
  });

  test('and not where one of a generation that is gone has something', async () => {
    const rig = new Rig();
    rig.put(3);
    for (const channel of rig.old) channel.answer();
    rig.lanes.goOver();
    await rig.durable();
    rig.set('next');
    for (const channel of rig.next) channel.answer();
    expect(rig.lanes.untouched).toBe(false);
  });
});
