import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { InChannel } from '../../src/wire/in-channel.ts';
import { OutChannel, type Sendable } from '../../src/wire/out-channel.ts';
import { ChannelModel } from './channel-model.ts';

const SEEDS = 600;

describe('a channel over a network that delays and cuts as a seed decides', () => {
  test.each(['lines', 'csv'] satisfies Format[])('brings every tuple once and in order, within its limits (%s)', (format) => {
    const sums = { rejected: 0, cuts: 0, oversize: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const model = runSeed(seed, () => new ChannelModel(new Random(seed), { format, stops: false }));
      sums.rejected += model.rejected;
      sums.cuts += model.cuts;
      sums.oversize += model.oversize;
    }
    // The faults that this is about did happen.
    expect(sums.cuts).toBeGreaterThan(SEEDS);
    expect(sums.rejected).toBeGreaterThan(SEEDS);
    expect(sums.oversize).toBeGreaterThan(SEEDS / 10);
  });

  test('ends and holds nothing when the consumer stops it at any moment', () => {
    let stopped = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      stopped += runSeed(seed, () => new ChannelModel(new Random(seed), { format: 'lines', stops: true })).stops;
    }
    expect(stopped).toBeGreaterThan(SEEDS / 2);
  });
});

function runSeed(seed: number, make: () => ChannelModel): ChannelModel {
  try {
    const model = make();
    model.run();
    return model;
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const PROTOCOL = expect.objectContaining({ code: 'PROTOCOL' }) as Error;

describe('the producer\'s end', () => {
  function opened(frames: readonly string[], credit = 100): OutChannel {
    const channel = new OutChannel(1000);
    for (const frame of frames) channel.push(Buffer.from(frame), frame.split('\n').length - 1);
    channel.opened(0, credit, credit);
    return channel;
  }

  function sendAll(channel: OutChannel): Sendable[] {
    const sent: Sendable[] = [];
    for (let next = channel.takeSendable(); next !== undefined; next = channel.takeSendable()) sent.push(next);
    return sent;
  }

  test('O1: numbers its frames without a gap and its FIN with the count of all tuples', () => {
    const channel = opened(['a\nb\n', 'c\n', 'd\ne\nf\n']);
    channel.finish();
    const sent = sendAll(channel);
    expect(sent.map((item) => (item.kind === 'data' ? [item.frame.first, item.frame.count] : item.sequence))).toEqual([[0, 2], [2, 1], [3, 3], 6]);
  });

  test('O1: takes no frame without a tuple', () => {
    expect(() => opened([]).push(Buffer.from('a\n'), 0)).toThrow('O1');
    expect(() => opened([]).push(Buffer.alloc(0), 1)).toThrow('O1');
  });

  test('O2: sends again what was sent and not acked, from the number the consumer asks for', () => {
    const channel = opened(['a\n', 'b\n', 'c\n']);
    sendAll(channel);
    channel.acknowledged(1, 100);
    channel.disconnected();
    channel.opened(2, 100, 100);
    expect(sendAll(channel)).toMatchObject([{ frame: { first: 2 } }]);
    expect(channel.heldBytes).toBe(2);
  });

  test('O3: takes no ack for what was not sent, and none goes back', () => {
    const channel = opened(['aaaa\n', 'bbbb\n'], 5);
    expect(sendAll(channel)).toHaveLength(1);
    expect(() => channel.acknowledged(2, 5)).toThrow(PROTOCOL);
    channel.acknowledged(1, 10);
    channel.acknowledged(0, 10);
    expect(channel.acked).toBe(1);
    expect(() => channel.acknowledged(3, 10)).toThrow(PROTOCOL);
    // The FIN has a number of its own, which is not acked before it was sent either.
    sendAll(channel);
    channel.finish();
    expect(() => channel.acknowledged(3, 10)).toThrow(PROTOCOL);
  });

  test('O4: sends nothing beyond the credit, but one tuple of any size when the consumer holds nothing', () => {
    const channel = opened(['aaaa\n', 'an oversize one\n', 'c\n'], 8);
    expect(sendAll(channel)).toHaveLength(1);
    channel.acknowledged(1, 10);
    expect(sendAll(channel)).toHaveLength(0);
    channel.acknowledged(1, 13);
    expect(sendAll(channel)).toMatchObject([{ frame: { first: 1 } }]);
    channel.acknowledged(2, 13);
    expect(sendAll(channel)).toHaveLength(0);
  });

  test('O4: sends nothing while no connection is open', () => {
    const channel = new OutChannel(1000);
    channel.push(Buffer.from('a\n'), 1);
    expect(sendAll(channel)).toHaveLength(0);
    channel.opened(0, 100, 100);
    channel.disconnected();
    expect(sendAll(channel)).toHaveLength(0);
    // An ack that was on its way when the connection went is too late to count.
    channel.acknowledged(1, 100);
    expect(channel.acked).toBe(0);
  });

  test('O5: takes nothing behind the FIN, nor a second one', () => {
    const channel = opened(['a\n']);
    channel.finish();
    expect(() => channel.push(Buffer.from('b\n'), 1)).toThrow('O5');
    expect(() => channel.finish()).toThrow('O5');
  });

  test('O6: refuses a consumer that asks for less than is held or for more than was made', () => {
    const channel = opened(['a\n', 'b\n']);
    sendAll(channel);
    channel.acknowledged(1, 100);
    expect(() => channel.opened(0, 100, 100)).toThrow(PROTOCOL);
    expect(() => channel.opened(3, 100, 100)).toThrow(PROTOCOL);
    channel.finish();
    channel.opened(3, 100, 100);
    expect(channel.done).toBe(true);
  });

  test('is full while as much as it may hold waits for acks', () => {
    const channel = new OutChannel(4);
    expect(channel.full).toBe(false);
    channel.push(Buffer.from('aaa\n'), 1);
    expect(channel.full).toBe(true);
    channel.opened(0, 100, 100);
    sendAll(channel);
    channel.acknowledged(1, 100);
    expect(channel.full).toBe(false);
    expect(channel.idle).toBe(true);
  });

  test('goes on with a consumer that has stopped it and lost the rest', () => {
    const channel = opened(['a\n', 'b\n', 'c\n']);
    sendAll(channel);
    channel.stop();
    expect([channel.acked, channel.heldBytes, channel.full]).toEqual([3, 0, false]);
    channel.disconnected();
    // The consumer has only the first tuple, and will have no more of them.
    channel.opened(1, 100, 100);
    expect(sendAll(channel)).toHaveLength(0);
    channel.push(Buffer.from('d\n'), 1);
    channel.finish();
    expect([channel.acked, channel.done]).toEqual([4, true]);
  });
});

describe('the consumer\'s end', () => {
  function inChannel(format: Format = 'lines', windowBytes = 100): InChannel {
    return new InChannel(windowBytes, (bytes, count) => skipTuples(format, bytes, count));
  }

  test('I2: rejects what is there already, whatever its content', () => {
    const channel = inChannel();
    channel.accept(0, 2, Buffer.from('a\nb\n'));
    expect(channel.accept(0, 2, Buffer.from('a\nb\n'))).toEqual({ kind: 'duplicate', rejected: 2 });
    expect(channel.accept(1, 1, Buffer.from('another\n'))).toEqual({ kind: 'duplicate', rejected: 1 });
    // Equal content under a new number is another tuple.
    expect(channel.accept(2, 1, Buffer.from('b\n'))).toMatchObject({ kind: 'accepted', first: 2, count: 1 });
    expect(channel.expected).toBe(3);
  });

  test.each<[Format, string, string]>([
    ['lines', 'a\n"b\n', 'c"\nd\n'],
    ['csv', 'a\n"b\nstill b"\n', 'c,"x""\n"\nd\n'],
  ])('I3: trims a frame that straddles the expected number at its tuples (%s)', (format, known, fresh) => {
    const channel = inChannel(format);
    channel.accept(0, 2, Buffer.from(known));
    const acceptance = channel.accept(0, 4, Buffer.from(known + fresh));
    expect(acceptance).toEqual({ kind: 'accepted', first: 2, count: 2, bytes: Buffer.from(fresh), rejected: 2 });
    expect(channel.unfedBytes).toBe(known.length + fresh.length);
  });

  test('I3: refuses a frame above the expected number', () => {
    const channel = inChannel();
    channel.accept(0, 1, Buffer.from('a\n'));
    expect(() => channel.accept(2, 1, Buffer.from('c\n'))).toThrow(PROTOCOL);
    expect(channel.expected).toBe(1);
  });

  test('I1: takes the FIN once, last, and at its number only', () => {
    const channel = inChannel();
    channel.accept(0, 1, Buffer.from('a\n'));
    for (const wrong of [0, 2]) expect(() => channel.end(wrong)).toThrow(PROTOCOL);
    expect([channel.expected, channel.end(1), channel.expected, channel.end(1)]).toEqual([1, true, 2, false]);
    expect(() => channel.accept(1, 1, Buffer.from('b\n'))).toThrow(PROTOCOL);
    expect(channel.accept(0, 1, Buffer.from('a\n'))).toEqual({ kind: 'duplicate', rejected: 1 });
  });

  test('I4: gives credit for what was fed, and what is unfed counts against the next connection', () => {
    const channel = inChannel('lines', 10);
    channel.opened();
    channel.accept(0, 1, Buffer.from('aaa\n'));
    expect([channel.creditBytes, channel.unfedBytes]).toEqual([10, 4]);
    channel.opened();
    expect(channel.creditBytes).toBe(6);
    channel.fed(4);
    expect([channel.creditBytes, channel.unfedBytes]).toEqual([10, 0]);
    expect(() => channel.fed(1)).toThrow('I4');
  });

  test('I4: gives the credit of rejected tuples back, so that an oversize one behind them gets through', () => {
    const consumer = inChannel('lines', 10);
    consumer.accept(0, 1, Buffer.from('a\n'));
    consumer.fed(2);
    consumer.opened();
    const producer = new OutChannel(1000);
    producer.push(Buffer.from('a\nb\n'), 2);
    producer.push(Buffer.from('longer than the window\n'), 1);
    producer.opened(consumer.expected, consumer.creditBytes, consumer.windowBytes);
    const straddling = producer.takeSendable();
    expect(straddling).toMatchObject({ kind: 'data', frame: { first: 0, count: 2 } });
    consumer.accept(0, 2, Buffer.from('a\nb\n'));
    consumer.fed(2);
    producer.acknowledged(consumer.expected, consumer.creditBytes);
    expect(producer.takeSendable()).toMatchObject({ kind: 'data', frame: { first: 2 } });
  });
});
