import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import type { RainstormError } from '../../src/base/errors.ts';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { FRAME, encodeHeader } from '../../src/wire/frame.ts';
import { dial, readHello, welcome, type Address } from '../../src/wire/handshake.ts';
import { DataListener } from '../../src/worker/data-listener.ts';
import { Peers, type PeerInfo } from '../../src/worker/peers.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { CountingConsumer, CountingProducer, WINDOW_BYTES } from '../wire/counted-channel.ts';
import { startCuttingProxy } from '../wire/cutting-proxy.ts';

const MAX_FRAME_BYTES = 1 << 20;
const TUPLES = 20_000;

/** A worker that listens, with the peers that it will have; `greeted` are the workers that dialled it. */
class TestWorker {
  readonly name: string;
  readonly edge: boolean;
  readonly greeted: string[] = [];
  readonly notes: string[] = [];
  readonly lost: RainstormError[] = [];
  readonly #receivers = new Map<string, ChannelReceiver>();
  #port = 0;
  #peers: Peers | undefined;

  constructor(name: string, edge: boolean) {
    this.name = name;
    this.edge = edge;
  }

  static async listen(name: string, edge = false, clock: Clock = systemClock): Promise<TestWorker> {
    const worker = new TestWorker(name, edge);
    const listener = new DataListener(() => ({
      maxFrameBytes: MAX_FRAME_BYTES,
      accept: (from, _secret, greeted) => {
        worker.greeted.push(from);
        return worker.peers.accept(from, greeted) ? undefined : 'no channel joins us';
      },
    }));
    worker.#port = await listener.listen({ host: '127.0.0.1', port: 0 });
    worker.#peers = new Peers({
      job: 'j',
      secret: 's',
      self: worker.info,
      maxFrameBytes: MAX_FRAME_BYTES,
      clock,
      dial,
      receiver: (channel) => worker.#receivers.get(channel),
      lost: (error) => worker.lost.push(error),
      note: (text) => worker.notes.push(text),
    });
    onTestFinished(() => {
      worker.peers.end();
      listener.close();
    });
    return worker;
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.#port };
  }

  get info(): PeerInfo {
    return { worker: this.name, edge: this.edge, data: this.address };
  }

  get peers(): Peers {
    if (this.#peers === undefined) throw new Error('the worker listens');
    return this.#peers;
  }

  receive(receiver: ChannelReceiver): void {
    this.#receivers.set(receiver.name, receiver);
  }
}

/** A channel between two workers; `at`: where the other is reached, if not where it listens. */
function channelBetween(from: TestWorker, to: TestWorker, at: { readonly ofFrom?: Address; readonly ofTo?: Address } = {}, tuples = TUPLES) {
  const name = `${from.name}>${to.name}`;
  const producer = new CountingProducer(name, tuples, 1);
  const consumer = new CountingConsumer(name, tuples);
  to.receive(consumer.receiver);
  from.peers.join({ ...to.info, data: at.ofTo ?? to.address }, producer.sender);
  to.peers.join({ ...from.info, data: at.ofFrom ?? from.address });
  return { producer, consumer, arrived: Promise.all([producer.done, consumer.ended]) };
}

describe('Q1: of two workers one dials', () => {
  test.each([
    ['the one whose name sorts first', 'a', false, 'b', false, 'a'],
    ['whichever way the tuples go', 'b', false, 'a', false, 'a'],
    ['the command that has the user\'s streams, whatever its name', 'z', true, 'a', false, 'z'],
    ['and is not dialled', 'a', false, 'z', true, 'z'],
  ])('%s', async (_, fromName, fromEdge, toName, toEdge, dials) => {
    const from = await TestWorker.listen(fromName, fromEdge);
    const to = await TestWorker.listen(toName, toEdge);
    const { producer, arrived } = channelBetween(from, to);
    from.peers.start();
    to.peers.start();
    producer.produce();
    await arrived;
    expect([...from.greeted, ...to.greeted]).toEqual([dials]);
  });

  test('one connection carries the channels of both directions', async () => {
    const a = await TestWorker.listen('a');
    const b = await TestWorker.listen('b');
    const forth = channelBetween(a, b);
    const back = channelBetween(b, a);
    for (const worker of [a, b]) worker.peers.start();
    forth.producer.produce();
    back.producer.produce();
    await Promise.all([forth.arrived, back.arrived]);
    expect([a.greeted, b.greeted]).toEqual([[], ['a']]);
  });
});

test('a channel that has moved on before it was opened is opened where it ends by now, and nowhere else', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => TestWorker.listen(name))) as [TestWorker, TestWorker, TestWorker];
  const { producer, arrived } = channelBetween(a, c);
  const other = channelBetween(a, b);
  // It was to end at b, and moved to c before anybody had opened it.
  a.peers.join(b.info, producer.sender);
  a.peers.join(c.info, producer.sender);
  for (const worker of [a, b, c]) worker.peers.start();
  for (const one of [producer, other.producer]) one.produce();
  await Promise.all([arrived, other.arrived]);
  expect([...a.notes, ...a.lost]).toEqual([]);
});

test('a channel whose consumer is hosted anew on the same worker is opened anew, on the connection that there is', async () => {
  const [a, b] = await Promise.all(['a', 'b'].map((name) => TestWorker.listen(name))) as [TestWorker, TestWorker];
  const { producer, consumer, arrived } = channelBetween(a, b);
  const { name } = consumer.receiver;
  const reached = Promise.withResolvers<void>();
  // It takes what comes, and has written nothing down when it is gone.
  b.receive(new ChannelReceiver({
    name, producer: 0, windowBytes: WINDOW_BYTES, skipTuples: () => expect.unreachable(), defer: setImmediate,
    events: { accepted: () => reached.resolve(), rejected: () => undefined, ended: () => undefined },
  }));
  for (const worker of [a, b]) worker.peers.start();
  await reached.promise;
  b.receive(consumer.receiver);
  a.peers.join(b.info, producer.sender);
  a.peers.start();
  await arrived;
  expect([b.greeted, a.notes, a.lost]).toEqual([['a'], [], []]);
});

test.each([1, 2])('Q1: dials again after every loss, and the channels go on (seed %i)', async (seed) => {
  const a = await TestWorker.listen('a');
  const b = await TestWorker.listen('b');
  const proxy = await startCuttingProxy(b.address, { seed, cutAfterBytes: 16 * 1024, maxCuts: 30 });
  onTestFinished(() => proxy.close());
  const forth = channelBetween(a, b, { ofTo: proxy });
  const back = channelBetween(b, a, { ofFrom: a.address, ofTo: proxy });
  for (const worker of [a, b]) worker.peers.start();
  forth.producer.produce();
  back.producer.produce();
  await Promise.all([forth.arrived, back.arrived]);
  expect(proxy.cuts).toBeGreaterThan(5);
  expect(a.notes.length).toBeGreaterThan(5);
  expect([...a.lost, ...b.lost]).toEqual([]);
});

test('Q2: a new connection from a worker closes the one before, whatever comes on that later', async () => {
  const b = await TestWorker.listen('b');
  const consumer = new CountingConsumer('c', 2);
  b.receive(consumer.receiver);
  b.peers.join({ worker: 'a', edge: false, data: { host: '127.0.0.1', port: 1 } });
  const dialIt = async () => (await dial(b.address, { job: 'j', secret: 's', worker: 'a' }, MAX_FRAME_BYTES, new AbortController().signal)).socket;
  const frames = (first: number, count: number, text: string) => Buffer.concat([
    encodeHeader(FRAME.open, 0, 1, 0, Buffer.from('c')), Buffer.from('c'),
    encodeHeader(FRAME.data, 0, first, count, Buffer.from(text)), Buffer.from(text),
  ]);
  const old = await dialIt();
  old.on('error', () => undefined);
  old.resume();
  const closed = once(old, 'close');
  const young = await dialIt();
  await closed;
  young.resume();
  young.write(Buffer.concat([frames(0, 2, '0\n1\n'), encodeHeader(FRAME.fin, 0, 2, 0, Buffer.alloc(0))]));
  await consumer.ended;
  young.destroy();
});

describe('Q3: who cannot reach a worker', () => {
  test('gives up and says why, after half a minute of trying', async () => {
    const clock = new FakeClock();
    const a = await TestWorker.listen('a', false, clock);
    a.peers.join({ worker: 'b', edge: false, data: { host: '127.0.0.1', port: 1 } });
    a.peers.start();
    await expect.poll(() => a.lost).toMatchObject([{ code: 'UNREACHABLE', message: expect.stringContaining('127.0.0.1:1') }]);
    expect(clock.ms).toBeGreaterThan(30_000);
    expect(clock.ms).toBeLessThan(33_000);
    // Ever less often, but at least once a second.
    expect(clock.waits.slice(0, 3)).toEqual([10, 20, 40]);
    expect(Math.max(...clock.waits)).toBe(1000);
  });

  test('stops trying when the job ends', async () => {
    const clock = new FakeClock();
    const a = await TestWorker.listen('a', false, clock);
    a.peers.join({ worker: 'b', edge: false, data: { host: '127.0.0.1', port: 1 } });
    a.peers.start();
    a.peers.end();
    expect(a.peers.accept('b', () => expect.unreachable('nobody is welcomed any more'))).toBe(false);
    expect(a.lost).toEqual([]);
  });
});

test('Q4: what goes wrong on every connection fails the job instead of being dialled for ever', async () => {
  let dialled = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    dialled += 1;
    void readHello(socket).then(() => {
      welcome(socket, MAX_FRAME_BYTES);
      socket.write(encodeHeader(FRAME.fin, 5, 0, 0, Buffer.alloc(0)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const a = await TestWorker.listen('a');
  a.peers.join({ worker: 'b', edge: false, data: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } });
  a.peers.start();
  await expect.poll(() => a.lost).toMatchObject([{ code: 'PROTOCOL' }]);
  expect(dialled).toBe(10);
});

test('a worker that no channel joins with this one is refused before it is welcomed', async () => {
  const a = await TestWorker.listen('a');
  const stranger = dial(a.address, { job: 'j', secret: 's', worker: 'z' }, MAX_FRAME_BYTES, new AbortController().signal);
  await expect(stranger).rejects.toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('no channel joins us') });
});
