import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import { ChannelReceiver, type Opened, type ProducerLink } from '../../src/wire/channel-receiver.ts';
import { ChannelSender, type ConsumerLink } from '../../src/wire/channel-sender.ts';
import { joinLocally } from '../../src/wire/local-link.ts';

const skip = (bytes: Buffer, count: number) => skipTuples('lines', bytes, count);
const START: Opened = { expected: 0, ended: false, creditBytes: 100, windowBytes: 100, digest: 0 };

/** A sender with a note of all it tells its task, and links that note what it sends. */
function sender() {
  const told: string[] = [];
  const events = { acked: () => told.push('acked'), done: () => told.push('done'), stopped: () => told.push('stopped') };
  const made = new ChannelSender({ name: 'c', attempt: 3, maxHeldBytes: 100, skipTuples: skip, events });
  const link = (sent: string[]): ConsumerLink => ({
    open: (channel, attempt) => sent.push(`open ${channel} attempt ${attempt}`),
    data: ({ first, count }) => sent.push(`data ${first}+${count}`),
    fin: (sequence) => sent.push(`fin ${sequence}`),
  });
  return { sender: made, told, link };
}

/** A receiver with a note of all it tells its task, links that note what it answers, and acks that leave by `turn`. */
function receiver(windowBytes = 100) {
  const told: string[] = [];
  const later: (() => void)[] = [];
  const made = new ChannelReceiver({
    name: 'c',
    producer: 0,
    windowBytes,
    skipTuples: skip,
    defer: (action) => later.push(action),
    events: {
      accepted: (_, first, count, bytes) => told.push(`accepted ${first}+${count} ${JSON.stringify(bytes.toString())}`),
      rejected: (_, first, count) => told.push(`rejected ${first}+${count}`),
      ended: (_, sequence) => told.push(`ended ${sequence}`),
    },
  });
  const link = (sent: string[]): ProducerLink => ({
    opened: ({ expected, creditBytes, digest }) => sent.push(`opened ${expected} credit ${creditBytes} digest ${digest}`),
    ack: (expected, creditBytes) => sent.push(`ack ${expected} credit ${creditBytes}`),
    stop: () => sent.push('stop'),
  });
  const turn = () => {
    for (const action of later.splice(0)) action();
  };
  return { receiver: made, told, later, link, turn };
}

describe('the producer\'s end on its connections', () => {
  test('announces itself with its attempt, repeats what is not acked, and sends nothing new before the answer', () => {
    const { sender: made, link } = sender();
    const first: string[] = [];
    const second: string[] = [];
    made.push(Buffer.from('a\n'), 1);
    made.connect(link(first));
    expect(first).toEqual(['open c attempt 3']);
    made.onOpened(START);
    made.connect(link(second));
    made.push(Buffer.from('b\n'), 1);
    expect(first).toEqual(['open c attempt 3', 'data 0+1']);
    expect(second).toEqual(['open c attempt 3', 'data 0+1']);
    made.onOpened({ ...START, expected: 1, digest: crc32('a\n') });
    expect(second).toEqual(['open c attempt 3', 'data 0+1', 'data 1+1']);
  });

  test('the loss of an older connection does not hurt a newer one', () => {
    const { sender: made, link } = sender();
    const sent: string[] = [];
    const old = link([]);
    made.connect(old);
    const current = link(sent);
    made.connect(current);
    made.onOpened(START);
    made.disconnect(old);
    made.push(Buffer.from('a\n'), 1);
    expect(sent).toEqual(['open c attempt 3', 'data 0+1']);
    made.disconnect(current);
    made.push(Buffer.from('b\n'), 1);
    expect(sent).toHaveLength(2);
  });

  test('the end is told once, when it is acked', () => {
    const { sender: made, told, link } = sender();
    made.connect(link([]));
    made.onOpened(START);
    made.push(Buffer.from('a\n'), 1);
    made.finish();
    made.onAck(1, 100);
    expect(told.filter((event) => event === 'done')).toEqual([]);
    made.onAck(2, 100);
    made.onAck(2, 102);
    expect(told.filter((event) => event === 'done')).toEqual(['done']);
    expect(made.done).toBe(true);
  });

  test('a stop is told once, and ends the channel with its FIN', () => {
    const { sender: made, told, link } = sender();
    made.connect(link([]));
    made.onOpened(START);
    made.push(Buffer.from('a\n'), 1);
    made.onStop();
    made.onStop();
    expect(told.filter((event) => event === 'stopped')).toEqual(['stopped']);
    expect([made.stopped, made.done]).toEqual([true, false]);
    made.finish();
    expect(told.filter((event) => event === 'done')).toEqual(['done']);
  });
});

describe('the consumer\'s end on its connections', () => {
  test('I5: answers and acks only what is recorded', () => {
    const { receiver: made, link, turn } = receiver();
    const first: string[] = [];
    const producer = link(first);
    made.connect(producer, 1);
    made.onData(producer, 0, 1, Buffer.from('a\n'));
    turn();
    expect(first).toEqual(['opened 0 credit 100 digest 0']);
    // A new connection is answered when what came on the one before is recorded.
    const second: string[] = [];
    made.connect(link(second), 1);
    expect(second).toEqual([]);
    made.recorded(1);
    expect(second).toEqual([`opened 1 credit 98 digest ${crc32('a\n')}`]);
    turn();
    expect(first).toHaveLength(1);
  });

  test('one ack serves for all that a turn brought', () => {
    const { receiver: made, link, later, turn } = receiver();
    const sent: string[] = [];
    const producer = link(sent);
    made.connect(producer, 1);
    for (let tuple = 0; tuple < 5; tuple++) {
      made.onData(producer, tuple, 1, Buffer.from('a\n'));
      made.recorded(tuple + 1);
      made.fed(2);
    }
    expect(later).toHaveLength(1);
    turn();
    turn();
    expect(sent.slice(1)).toEqual(['ack 5 credit 110']);
  });

  test('room is told when it is worth it: a quarter of the window, or when nothing is left unfed', () => {
    const { receiver: made, link, turn } = receiver(40);
    const sent: string[] = [];
    const producer = link(sent);
    made.connect(producer, 1);
    made.onData(producer, 0, 1, Buffer.from('a tuple of twenty b\n'));
    made.recorded(1);
    turn();
    for (const bytes of [2, 2, 8, 8]) {
      made.fed(bytes);
      turn();
    }
    expect(sent.slice(1)).toEqual(['ack 1 credit 40', 'ack 1 credit 52', 'ack 1 credit 60']);
  });

  test('what is repeated is rejected and told, and not handed on again', () => {
    const { receiver: made, told, link } = receiver();
    const producer = link([]);
    made.connect(producer, 1);
    made.onData(producer, 0, 2, Buffer.from('a\nb\n'));
    made.onData(producer, 0, 2, Buffer.from('a\nb\n'));
    made.onData(producer, 1, 2, Buffer.from('b\nc\n'));
    made.onFin(producer, 3, false);
    made.onFin(producer, 3, false);
    expect(told).toEqual(['accepted 0+2 "a\\nb\\n"', 'rejected 0+2', 'rejected 1+1', 'accepted 2+1 "c\\n"', 'ended 3']);
  });

  test('what an older connection brings is dropped, as soon as a newer one was opened', () => {
    const { receiver: made, told, link, turn } = receiver();
    const sent: string[] = [];
    const old = link([]);
    const current = link(sent);
    made.connect(old, 1);
    made.connect(current, 1);
    made.onData(old, 0, 1, Buffer.from('a\n'));
    made.onFin(old, 0, false);
    expect(told).toEqual([]);
    // Nor does its end touch the newer one.
    made.disconnect(old);
    made.onData(current, 0, 1, Buffer.from('a\n'));
    made.recorded(1);
    turn();
    expect(sent.slice(1)).toEqual(['ack 1 credit 100']);
    made.disconnect(current);
    made.onData(current, 1, 1, Buffer.from('b\n'));
    expect(told).toHaveLength(1);
  });

  test('an attempt older than one that was here gets no answer, nothing that it sends counts, and the newer one goes on', () => {
    const { receiver: made, told, link } = receiver();
    const current = link([]);
    made.connect(link([]), 2);
    made.connect(current, 2);
    const sent: string[] = [];
    const older = link(sent);
    made.connect(older, 1);
    made.onData(older, 0, 1, Buffer.from('a\n'));
    expect(sent).toEqual([]);
    expect(told).toEqual([]);
    made.onData(current, 0, 1, Buffer.from('a\n'));
    expect(told).toHaveLength(1);
  });

  test('once stopped, it says so on every connection, and takes and drops what still comes', () => {
    const { receiver: made, told, link, turn } = receiver();
    const sent: string[] = [];
    const producer = link(sent);
    made.connect(producer, 1);
    made.onData(producer, 0, 1, Buffer.from('a\n'));
    made.stop();
    made.stop();
    made.onData(producer, 1, 1, Buffer.from('b\n'));
    made.onFin(producer, 2, false);
    // What was accepted before the stop is recorded only now, when more than that was acked already.
    made.recorded(1);
    made.fed(2);
    turn();
    expect(told).toEqual(['accepted 0+1 "a\\n"']);
    expect(sent).toEqual(['opened 0 credit 100 digest 0', 'stop', 'ack 3 credit 104']);
    const again: string[] = [];
    made.connect(link(again), 1);
    // In this order: the answer acks what was only dropped, and the producer must know why.
    expect(again).toEqual(['stop', expect.stringMatching(/^opened 3 /)]);
  });
});

test('joined in one worker, both ends are as good as over a connection', () => {
  const { receiver: to, told, turn } = receiver(10);
  const { sender: from, told: back } = sender();
  joinLocally(from, to);
  from.push(Buffer.from('a\n'), 1);
  from.push(Buffer.from('a tuple longer than the window\n'), 1);
  from.push(Buffer.from('c\n'), 1);
  from.finish();
  expect(told).toEqual(['accepted 0+1 "a\\n"']);
  for (const [tuple, bytes] of [2, 31, 2].entries()) {
    to.recorded(tuple + 1);
    to.fed(bytes);
    turn();
  }
  expect(told).toEqual(['accepted 0+1 "a\\n"', 'accepted 1+1 "a tuple longer than the window\\n"', 'accepted 2+1 "c\\n"', 'ended 3']);
  expect(back).not.toContain('done');
  to.recorded(4);
  turn();
  expect(back).toContain('done');
  to.stop();
  expect(back.at(-2)).toBe('stopped');
});
