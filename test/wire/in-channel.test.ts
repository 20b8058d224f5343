import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { InChannel, type ChannelPosition } from '../../src/wire/in-channel.ts';

const PROTOCOL = expect.objectContaining({ code: 'PROTOCOL' }) as Error;

function inChannel({ format = 'lines', windowBytes = 100, from }: { format?: Format; windowBytes?: number; from?: ChannelPosition } = {}): InChannel {
  return new InChannel(windowBytes, (bytes, count) => skipTuples(format, bytes, count), from);
}

function accept(channel: InChannel, first: number, tuples: string): unknown {
  return channel.accept(first, tuples.split('\n').length - 1, Buffer.from(tuples));
}

test('I1: the FIN is taken once, last, and at its number only', () => {
  const channel = inChannel();
  accept(channel, 0, 'a\n');
  for (const wrong of [0, 2]) expect(() => channel.end(wrong, false)).toThrow(PROTOCOL);
  expect([channel.accepted, channel.end(1, false), channel.accepted, channel.end(1, false), channel.accepted]).toEqual([1, true, 2, false, 2]);
  expect(() => accept(channel, 1, 'b\n')).toThrow(PROTOCOL);
  expect(accept(channel, 0, 'a\n')).toEqual({ kind: 'duplicate', rejected: 1 });
});

test('I2: what is there already is rejected by its number, whatever its content', () => {
  const channel = inChannel();
  accept(channel, 0, 'a\nb\n');
  expect(accept(channel, 0, 'a\nb\n')).toEqual({ kind: 'duplicate', rejected: 2 });
  expect(accept(channel, 1, 'another\n')).toEqual({ kind: 'duplicate', rejected: 1 });
  // Equal content under a new number is another tuple.
  expect(accept(channel, 2, 'b\n')).toMatchObject({ kind: 'accepted', first: 2, count: 1, rejected: 0 });
  expect(channel.accepted).toBe(3);
});

test.each<[Format, string, string]>([
  ['lines', 'a\n"b\n', 'c"\nd\n'],
  ['csv', 'a\n"b\nstill b"\n', 'c,"x""\n"\nd\n'],
])('I3: a frame that straddles the expected number is trimmed between its tuples (%s)', (format, known, fresh) => {
  const channel = inChannel({ format });
  channel.accept(0, 2, Buffer.from(known));
  expect(channel.accept(0, 4, Buffer.from(known + fresh))).toEqual({ kind: 'accepted', first: 2, count: 2, bytes: Buffer.from(fresh), rejected: 2 });
  expect([channel.accepted, channel.unfedBytes, channel.digest]).toEqual([4, known.length + fresh.length, crc32(known + fresh)]);
});

test('I3: a frame above the expected number is refused', () => {
  const channel = inChannel();
  accept(channel, 0, 'a\n');
  expect(() => accept(channel, 2, 'c\n')).toThrow(PROTOCOL);
  expect(channel.accepted).toBe(1);
});

test('I4: credit is given for what was fed, and what is unfed counts against the next connection', () => {
  const channel = inChannel({ windowBytes: 10 });
  accept(channel, 0, 'aaa\n');
  expect([channel.creditBytes, channel.unfedBytes]).toEqual([10, 4]);
  channel.recorded(1);
  channel.opened();
  expect(channel.creditBytes).toBe(6);
  channel.fed(4);
  expect([channel.creditBytes, channel.unfedBytes]).toEqual([10, 0]);
  expect(() => channel.fed(1)).toThrow('I4');
});

test('I4: what is rejected uses no credit', () => {
  const channel = inChannel({ windowBytes: 10 });
  accept(channel, 0, 'a\nb\n');
  channel.recorded(2);
  channel.fed(4);
  channel.opened();
  accept(channel, 0, 'a\nb\n');
  accept(channel, 1, 'b\nc\n');
  channel.fed(2);
  expect([channel.creditBytes, channel.unfedBytes]).toEqual([12, 0]);
});

test('I5: only what is recorded may be acked, and a handshake waits until all is', () => {
  const channel = inChannel();
  accept(channel, 0, 'a\nb\n');
  expect([channel.journaled, channel.accepted]).toEqual([0, 2]);
  expect(() => channel.opened()).toThrow('I5');
  expect(() => channel.recorded(3)).toThrow('I5');
  channel.recorded(1);
  expect(() => channel.recorded(0)).toThrow('I5');
  channel.recorded(2);
  channel.end(2, false);
  expect([channel.journaled, channel.accepted]).toEqual([2, 3]);
  channel.recorded(3);
  channel.opened();
});

test('a recovered channel goes on where its journal ends', () => {
  const channel = inChannel({ from: { next: 2, ended: false, digest: crc32('a\nb\n') } });
  expect([channel.accepted, channel.journaled, channel.unfedBytes]).toEqual([2, 2, 0]);
  accept(channel, 1, 'b\nc\n');
  expect([channel.accepted, channel.digest]).toEqual([3, crc32('a\nb\nc\n')]);
  const ended = inChannel({ from: { next: 2, ended: true, digest: 0 } });
  expect([ended.accepted, ended.journaled, ended.end(2, false)]).toEqual([3, 3, false]);
});
