/** Whether a trial made again what consumers have. */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { TrialChannels } from '../../src/task/trial-channels.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';
import { lanesOf, setSenders } from './lanes-to.ts';
import { skipLines } from './task-rig.ts';

const FIRST = Buffer.from('first\n');
const SECOND = Buffer.from('second\n');
const ROOM = 1_000_000;

/** A task's channel whose consumer has not said anything yet. */
function silent(): ChannelSender {
  const sender = new ChannelSender({ name: '1.1.0>2.1.0', attempt: 1, maxHeldBytes: ROOM, skipTuples: skipLines, events: { acked: () => undefined, done: () => undefined, stopped: () => undefined } });
  sender.connect({ open: () => undefined, data: () => undefined, fin: () => undefined });
  return sender;
}

/** One over which the first tuple went to a consumer, who said then where it stands. */
function acked(): ChannelSender {
  const sender = silent();
  sender.onOpened({ expected: 0, ended: false, creditBytes: ROOM, windowBytes: ROOM, digest: 0 });
  sender.push(FIRST, 1);
  sender.onAck(1, ROOM);
  sender.restart();
  sender.connect({ open: () => undefined, data: () => undefined, fin: () => undefined });
  sender.onOpened({ expected: 1, ended: false, creditBytes: ROOM, windowBytes: ROOM, digest: crc32(FIRST) });
  return sender;
}

function verdict(real: ChannelSender, made: readonly Buffer[], compare = true): string {
  const lanes = lanesOf({ windowBytes: ROOM });
  setSenders(lanes, [real]);
  const trial = new TrialChannels(lanes, skipLines, compare);
  for (const bytes of made) trial.lanes.all[0]?.senders[0]?.push(bytes, 1);
  return trial.verdict;
}

test('passed, where all that a consumer has was made again, whatever follows', () => {
  expect(verdict(acked(), [FIRST])).toBe('passed');
  expect(verdict(acked(), [FIRST, SECOND])).toBe('passed');
});

test('diverged, where something of it is missing', () => {
  expect(verdict(acked(), [])).toBe('diverged');
});

test('untold, where a consumer wants no more and does not say any more what it has taken', () => {
  const enough = silent();
  enough.onStop();
  expect(verdict(enough, [FIRST])).toBe('untold');
});

test('passed, where nothing is compared', () => {
  const enough = silent();
  enough.onStop();
  expect(verdict(enough, [SECOND], false)).toBe('passed');
});
