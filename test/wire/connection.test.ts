import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FRAME, encodeHeader, type FrameType } from '../../src/wire/frame.ts';
import { CountingConsumer, CountingProducer, WINDOW_BYTES } from './counted-channel.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { Side, connected, keepConnected, listening, rawSocket } from './two-workers.ts';

const TUPLES = 20_000;

describe.each([1, 2, 3])('connections that are cut at random bytes (seed %i)', (seed) => {
  test('every tuple arrives once and in order, in both directions, and what is repeated is rejected', async () => {
    const near = new Side();
    const far = new Side();
    const forth = [1, 2, 3].map((channel) => ({ to: new CountingConsumer(`forth ${channel}`, TUPLES), from: new CountingProducer(`forth ${channel}`, TUPLES, seed + channel) }));
    const back = { to: new CountingConsumer('back', TUPLES), from: new CountingProducer('back', TUPLES, seed) };
    near.senders.push(...forth.map(({ from }) => from.sender));
    near.add(back.to.receiver);
    far.senders.push(back.from.sender);
    far.add(...forth.map(({ to }) => to.receiver));
    const proxy = await startCuttingProxy(await listening(far), { seed, cutAfterBytes: 16 * 1024 });
    const over = new AbortController();
    const connecting = keepConnected(near, proxy, over.signal);
    onTestFinished(() => proxy.close());
    const channels = [...forth, back];
    for (const { from } of channels) from.produce();
    await Promise.all(channels.flatMap(({ from, to }) => [from.done, to.ended]));
    over.abort();
    near.connection?.close(undefined);
    await connecting;
    expect(channels.map(({ to }) => to.taken)).toEqual(channels.map(() => TUPLES));
    expect(proxy.cuts).toBeGreaterThan(10);
    expect(channels.reduce((sum, { to }) => sum + to.rejected, 0)).toBeGreaterThan(0);
    for (const { to } of channels) expect(to.mostUnfedBytes).toBeLessThanOrEqual(WINDOW_BYTES);
    // Cuts are no faults of anybody: no side took what came for something else than what was sent.
    expect([...near.closed, ...far.closed].filter((error) => error !== undefined && 'hint' in error)).toEqual([]);
  });

  test('a producer that begins anew after a cut, in other frames, repeats nothing to the task', async () => {
    const near = new Side();
    const far = new Side();
    const consumer = new CountingConsumer('c', TUPLES);
    far.add(consumer.receiver);
    const proxy = await startCuttingProxy(await listening(far), { seed, cutAfterBytes: 12 * 1024, maxCuts: 12 });
    const over = new AbortController();
    onTestFinished(() => proxy.close());
    let attempt = 0;
    const done = Promise.withResolvers<void>();
    const connecting = keepConnected(near, proxy, over.signal, () => {
      attempt += 1;
      const producer = new CountingProducer('c', TUPLES, seed * 100 + attempt, attempt);
      void producer.done.then(done.resolve);
      near.senders.splice(0, 1, producer.sender);
      producer.produce();
    });
    await Promise.all([consumer.ended, done.promise]);
    over.abort();
    near.connection?.close(undefined);
    await connecting;
    expect(consumer.taken).toBe(TUPLES);
    expect(attempt).toBeGreaterThan(5);
  });
});

test('W1: a channel whose task takes nothing holds no other channel of the connection up', async () => {
  const near = new Side();
  const far = new Side();
  const stuck = { from: new CountingProducer('stuck', 1_000_000, 1), to: new CountingConsumer('stuck', 1_000_000, true) };
  const quick = { from: new CountingProducer('quick', TUPLES, 2), to: new CountingConsumer('quick', TUPLES) };
  near.senders.push(stuck.from.sender, quick.from.sender);
  far.add(stuck.to.receiver, quick.to.receiver);
  await connected(near, await listening(far));
  stuck.from.produce();
  quick.from.produce();
  await Promise.all([quick.from.done, quick.to.ended]);
  expect(stuck.to.taken).toBeGreaterThan(0);
  expect(stuck.to.mostUnfedBytes).toBeLessThanOrEqual(WINDOW_BYTES);
  near.connection?.close(undefined);
});

describe('W2: after the first thing that is wrong nothing more is handed on', () => {
  const tuple = (number: number) => encode(FRAME.data, number, 1, `${number}\n`);
  const opening = encode(FRAME.open, 1, 0, 'c');

  function encode(type: FrameType, sequence: number, count: number, payload: string): Buffer {
    return Buffer.concat([encodeHeader(type, 0, sequence, count, Buffer.from(payload)), Buffer.from(payload)]);
  }

  function damaged(frame: Buffer): Buffer {
    const copy = Buffer.from(frame);
    copy[copy.length - 1] = 0x20;
    return copy;
  }

  test.each<[string, Buffer]>([
    ['a frame with a damaged byte', damaged(tuple(1))],
    ['a frame of a type that belongs to the handshake', encode(FRAME.hello, 0, 0, '{}')],
    ['a gap', tuple(2)],
    ['an end too early', encode(FRAME.fin, 0, 0, '')],
    ['a channel that does not end here', encode(FRAME.open, 1, 0, 'another')],
    ['an ack for a channel that does not begin here', encode(FRAME.ack, 0, 0, '12345678')],
    ['a frame for a channel that is not open', Buffer.concat([encodeHeader(FRAME.fin, 7, 0, 0, Buffer.alloc(0))])],
  ])('%s', async (_, wrong) => {
    const side = new Side();
    const consumer = new CountingConsumer('c', 3);
    side.add(consumer.receiver);
    const socket = await rawSocket(await listening(side));
    socket.write(Buffer.concat([opening, tuple(0), wrong, tuple(1), tuple(2)]));
    await once(socket, 'close');
    expect(consumer.taken).toBe(1);
    expect(side.closed).toEqual([expect.objectContaining({ code: 'PROTOCOL' })]);
  });

  test('what stands behind the frame at which this side closed it', async () => {
    const side = new Side();
    const asked: string[] = [];
    const socket = await rawSocket(await listening(side));
    side.receivers.get = (channel) => {
      asked.push(channel);
      side.connection?.close(undefined);
      return new CountingConsumer(channel, 3).receiver;
    };
    socket.write(Buffer.concat([opening, encode(FRAME.open, 1, 0, 'd')]));
    await once(socket, 'close');
    expect(asked).toEqual(['c']);
  });

  test('numbers that are missing or none', async () => {
    const side = new Side();
    side.senders.push(new CountingProducer('c', 1, 1).sender);
    const socket = await rawSocket(await listening(side));
    const short = Buffer.alloc(16);
    socket.write(Buffer.concat([encodeHeader(FRAME.opened, 0, 0, 0, short), short]));
    await once(socket, 'close');
    expect(side.closed).toEqual([expect.objectContaining({ code: 'PROTOCOL' })]);
  });
});

test('a socket that is closed closes the connection once, and its channels wait for the next', async () => {
  const near = new Side();
  const far = new Side();
  const producer = new CountingProducer('c', TUPLES, 1);
  const consumer = new CountingConsumer('c', TUPLES);
  near.senders.push(producer.sender);
  far.add(consumer.receiver);
  const address = await listening(far);
  producer.produce();
  const first = await connected(near, address);
  first.close(undefined);
  first.close(new Error('again'));
  await connected(near, address);
  await Promise.all([producer.done, consumer.ended]);
  expect(near.closed).toEqual([undefined]);
  near.connection?.close(undefined);
});
