import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { Opened } from '../../src/wire/channel-receiver.ts';
import type { Sendable } from '../../src/wire/held-frame.ts';
import { OutChannel } from '../../src/wire/out-channel.ts';

const PROTOCOL = expect.objectContaining({ code: 'PROTOCOL' }) as Error;
const DIVERGED = expect.objectContaining({ code: 'DIVERGED' }) as Error;

function channel(maxHeldBytes = 1000): OutChannel {
  return new OutChannel(maxHeldBytes, (bytes, count) => skipTuples('lines', bytes, count));
}

function push(to: OutChannel, ...frames: string[]): void {
  for (const frame of frames) to.push(Buffer.from(frame), frame.split('\n').length - 1);
}

/** The answer of a consumer that has these tuples. */
function has(tuples: string, credit: Partial<Opened> = {}): Opened {
  const count = tuples.split('\n').length - 1;
  const ended = credit.ended ?? false;
  return { expected: ended ? count + 1 : count, creditBytes: 100, windowBytes: 100, digest: crc32(tuples), ended, ...credit };
}

function openedWith(frames: readonly string[], answer = has('')): OutChannel {
  const made = channel();
  push(made, ...frames);
  made.opened(answer);
  return made;
}

function sendAll(from: OutChannel): Sendable[] {
  const sent: Sendable[] = [];
  for (let next = from.takeSendable(); next !== undefined; next = from.takeSendable()) sent.push(next);
  return sent;
}

/** `3+2` for two tuples from number 3 on, `fin 5` for the end. */
/** What a new connection begins with. */
function resent(out: OutChannel): string[] {
  const again = out.resend();
  return again === undefined ? [] : written([again]);
}

function written(sent: readonly Sendable[]): string[] {
  return sent.map((item) => (item.kind === 'fin' ? `fin ${item.sequence}` : `${item.frame.first}+${item.frame.count}`));
}

test('O1: frames are numbered without a gap and the FIN with the count of all tuples', () => {
  const out = openedWith(['a\nb\n', 'c\n', 'd\ne\nf\n']);
  out.finish();
  expect(written(sendAll(out))).toEqual(['0+2', '2+1', '3+3', 'fin 6']);
});

test('O1: a frame holds a tuple at least', () => {
  expect(() => channel().push(Buffer.from('a\n'), 0)).toThrow('O1');
  expect(() => channel().push(Buffer.alloc(0), 1)).toThrow('O1');
});

test('O2: what is not acked is held through any number of connections', () => {
  const out = openedWith(['a\n', 'b\n', 'c\n']);
  sendAll(out);
  out.acknowledged(1, 100);
  for (let lost = 0; lost < 3; lost++) {
    out.disconnected();
    expect(resent(out)).toEqual(['1+1']);
  }
  out.opened(has('a\nb\n'));
  expect(written(sendAll(out))).toEqual(['2+1']);
  expect([out.acked, out.heldBytes]).toEqual([2, 2]);
});

test('O2: frames leave once and in order, and are held in order, while thousands of them are acked', () => {
  const out = channel(1 << 20);
  const credit = 1 << 20;
  out.opened(has('', { creditBytes: credit, windowBytes: credit }));
  const sent: Sendable[] = [];
  for (let tuple = 0; tuple < 2000; tuple++) {
    push(out, `${tuple}\n`);
    if (tuple % 5 === 0) sent.push(...sendAll(out));
    if (tuple % 35 === 0) out.acknowledged(tuple, credit);
  }
  sent.push(...sendAll(out));
  const numbers = Array.from({ length: 2000 }, (_, index) => `${index}+1`);
  expect(written(sent)).toEqual(numbers);
  expect(resent(out)).toEqual(numbers.slice(out.acked, out.acked + 1));
});

test('O3: a new connection begins with the first that was sent and not acked, be it the FIN, before the consumer has answered', () => {
  const out = openedWith(['a\n', 'b\n'], has('', { creditBytes: 2 }));
  sendAll(out);
  // Never sent: waits for the answer.
  expect(resent(out)).toEqual(['0+1']);
  out.opened(has(''));
  expect(written(sendAll(out))).toEqual(['1+1']);
  out.finish();
  expect(written(sendAll(out))).toEqual(['fin 2']);
  expect(resent(out)).toEqual(['0+1']);
  expect(written(sendAll(out))).toEqual([]);
  out.opened(has('a\nb\n'));
  expect(written(sendAll(out))).toEqual(['fin 2']);
  expect(resent(out)).toEqual(['fin 2']);
});

test('O3: no ack is taken for what was not sent, and none goes back', () => {
  const out = openedWith(['aaaa\n', 'bbbb\n'], has('', { creditBytes: 5, windowBytes: 5 }));
  expect(sendAll(out)).toHaveLength(1);
  expect(() => out.acknowledged(2, 5)).toThrow(PROTOCOL);
  out.acknowledged(1, 10);
  out.acknowledged(0, 10);
  expect(out.acked).toBe(1);
  // The FIN has a number of its own, which is not acked before it was sent either.
  expect(sendAll(out)).toHaveLength(1);
  out.finish();
  expect(() => out.acknowledged(3, 10)).toThrow(PROTOCOL);
});

test('O4: nothing leaves beyond the credit but one frame of any size, when the consumer holds nothing', () => {
  const out = openedWith(['aaaa\n', 'an oversize one\n', 'c\n'], has('', { creditBytes: 8, windowBytes: 8 }));
  expect(written(sendAll(out))).toEqual(['0+1']);
  out.acknowledged(1, 10);
  expect(written(sendAll(out))).toEqual([]);
  out.acknowledged(1, 13);
  expect(written(sendAll(out))).toEqual(['1+1']);
  out.acknowledged(2, 13);
  expect(written(sendAll(out))).toEqual([]);
  out.acknowledged(2, 29);
  expect(written(sendAll(out))).toEqual(['2+1']);
});

test('O4: what was sent again uses up credit, but for what the consumer had of it', () => {
  const out = openedWith(['aaaa\n', 'bbbb\n', 'cccc\n'], has('', { creditBytes: 10 }));
  expect(written(sendAll(out))).toEqual(['0+1', '1+1']);
  expect(resent(out)).toEqual(['0+1']);
  // It has none, and room for ten bytes: five for the first, which is on its way again, and five for the second.
  out.opened(has('', { creditBytes: 10 }));
  push(out, 'd\n');
  expect(written(sendAll(out))).toEqual(['1+1']);
});

test('O4: of a frame that the consumer has in part, only the rest uses up credit', () => {
  const out = channel();
  push(out, 'aaaa\nbbbb\n', 'a tuple longer than the window\n');
  out.opened(has('aaaa\n', { creditBytes: 8, windowBytes: 8 }));
  expect(written(sendAll(out))).toEqual(['0+2']);
  // All of it is fed: the consumer holds nothing.
  out.acknowledged(2, 13);
  expect(written(sendAll(out))).toEqual(['2+1']);
});

test('O4: nothing is sent, and no ack counts, while no connection is open', () => {
  const out = channel();
  push(out, 'a\n');
  expect(sendAll(out)).toHaveLength(0);
  out.opened(has(''));
  out.disconnected();
  expect(sendAll(out)).toHaveLength(0);
  out.acknowledged(1, 100);
  expect(out.acked).toBe(0);
});

test('O5: nothing follows the FIN', () => {
  const out = openedWith(['a\n']);
  out.finish();
  expect(() => push(out, 'b\n')).toThrow('O5');
  expect(() => out.finish()).toThrow('O5');
  expect(() => out.restart()).toThrow('O5');
});

test('O6: a consumer that expects less than it has acked is refused', () => {
  const out = openedWith(['a\n', 'b\n']);
  sendAll(out);
  out.acknowledged(1, 100);
  expect(() => out.opened(has(''))).toThrow(PROTOCOL);
});

describe('O7: what is made again', () => {
  test('is dropped as far as it was there, however it is cut into frames', () => {
    const out = openedWith(['a\nb\n', 'c\n']);
    sendAll(out);
    out.acknowledged(2, 100);
    out.restart();
    push(out, 'a\n', 'b\nc\nd\n', 'e\n');
    expect(written(sendAll(out))).toEqual(['3+1', '4+1']);
    expect([out.next, out.heldBytes]).toEqual([5, 6]);
  });

  test('must be the same where it meets what was there', () => {
    const out = openedWith(['a\nb\n']);
    out.restart();
    push(out, 'a\n');
    expect(() => push(out, 'x\nc\n')).toThrow(DIVERGED);
    const early = openedWith(['a\nb\n']);
    early.restart();
    push(early, 'a\n');
    expect(() => early.finish()).toThrow(DIVERGED);
  });

  test('goes on from what the consumer has, where another process begins anew', () => {
    const out = channel();
    out.opened(has('a\nb\n'));
    push(out, 'a\n', 'b\nc\n');
    expect(written(sendAll(out))).toEqual(['2+1']);
    expect([out.acked, out.heldBytes]).toEqual([2, 2]);
  });

  test('is compared with what the consumer has, whichever is there first', () => {
    const first = channel();
    push(first, 'a\nx\n');
    expect(() => first.opened(has('a\nb\n'))).toThrow(DIVERGED);
    const later = channel();
    later.opened(has('a\nb\n'));
    expect(() => push(later, 'a\nx\n')).toThrow(DIVERGED);
    const within = channel();
    push(within, 'x\nb\n');
    expect(() => within.opened(has('a\n'))).toThrow(DIVERGED);
    const less = channel();
    push(less, 'a\n');
    less.finish();
    expect(() => less.opened(has('a\nb\n'))).toThrow(DIVERGED);
  });

  test('ends where the consumer has seen it end', () => {
    const out = channel();
    out.opened(has('a\n', { ended: true }));
    push(out, 'a\n');
    expect(() => push(out, 'b\n')).toThrow(DIVERGED);
    const same = channel();
    same.opened(has('a\n', { ended: true }));
    push(same, 'a\n');
    expect(same.done).toBe(false);
    same.finish();
    expect(same.done).toBe(true);
    const longer = channel();
    push(longer, 'a\nb\n');
    expect(() => longer.opened(has('a\n', { ended: true }))).toThrow(DIVERGED);
  });

  test('does not matter once nobody wants it', () => {
    const out = openedWith(['a\nb\n']);
    out.stop();
    out.restart();
    push(out, 'x\n');
    out.finish();
    expect(out.done).toBe(true);
  });
});

test('a channel is full while as much as it may hold waits for acks, and idle when nothing does', () => {
  const out = channel(4);
  expect([out.full, out.idle]).toEqual([false, true]);
  push(out, 'aaa\n');
  expect([out.full, out.idle]).toEqual([true, false]);
  out.opened(has(''));
  sendAll(out);
  out.acknowledged(1, 100);
  expect([out.full, out.idle]).toEqual([false, true]);
});

test('a consumer that has stopped the channel may have lost what counts as acked since', () => {
  const out = openedWith(['a\n', 'b\n', 'c\n']);
  sendAll(out);
  out.stop();
  expect([out.acked, out.heldBytes, out.full]).toEqual([3, 0, false]);
  expect(out.resend()).toBeUndefined();
  out.opened(has('a\n'));
  expect(sendAll(out)).toHaveLength(0);
  push(out, 'd\n');
  out.finish();
  expect([out.acked, out.done]).toEqual([4, true]);
});

describe('O8: a producer that starts again where it once was', () => {
  const place = { sequence: 2, digest: crc32('a\nb\n'), stopped: false };

  test('makes the rest again, which is compared from there on', () => {
    const out = openedWith(['a\nb\n']);
    const { made } = out;
    push(out, 'c\nd\n');
    sendAll(out);
    out.acknowledged(3, 100);
    expect(made).toEqual(place);
    out.restart(made);
    push(out, 'c\n', 'd\ne\n');
    expect([out.next, out.made.sequence]).toEqual([5, 5]);
    out.restart(made);
    push(out, 'c\n', 'x\n');
    expect(() => push(out, 'e\n')).toThrow(DIVERGED);
  });

  test('elsewhere begins there, and holds the consumer to it', () => {
    const out = channel();
    out.restart(place);
    expect(() => out.opened(has('a\n'))).toThrow(PROTOCOL);
    expect(() => out.opened(has('x\ny\n'))).toThrow(DIVERGED);
    out.opened(has('a\nb\nc\n'));
    push(out, 'c\nd\n');
    expect(written(sendAll(out))).toEqual(['3+1']);
  });

  test('elsewhere, after the consumer has answered, is held to that', () => {
    expect(() => openedWith([], has('x\ny\n')).restart(place)).toThrow(DIVERGED);
    const ahead = openedWith([], has('a\nb\nc\n'));
    ahead.restart(place);
    push(ahead, 'c\nd\n');
    expect(ahead.next).toBe(4);
  });

  test('needs everything before it acked, unless the consumer wants no more', () => {
    expect(() => openedWith(['a\nb\n']).restart(place)).toThrow('O8');
    const out = channel();
    out.restart({ ...place, stopped: true });
    push(out, 'c\n');
    out.finish();
    expect([out.stopped, out.done, out.next]).toEqual([true, true, 3]);
  });
});
