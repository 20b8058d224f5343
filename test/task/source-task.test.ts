import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { FileSource } from '../../src/connect/file-source.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Source } from '../../src/connect/source.ts';
import type { Block } from '../../src/job/block.ts';
import type { TaskState } from '../../src/job/task-status.ts';
import { LocalLog } from '../../src/task/local-log.ts';
import { SourceTask } from '../../src/task/source-task.ts';
import { lanesOf, setSenders } from './lanes-to.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';
import { joinLocally } from '../../src/wire/local-link.ts';
import { entry, scratch } from '../connect/scratch.ts';
import { Consumer, WINDOW_BYTES, Waiters, skipLines } from './task-rig.ts';

interface Rig {
  readonly task: SourceTask;
  readonly consumers: readonly Consumer[];
  readonly waiters: Waiters;
  readonly states: TaskState[];
  readonly events: () => Promise<string>;
}

async function rigFor(source: Source, options: { consumers?: number; stuck?: boolean } = {}): Promise<Rig> {
  const waiters = new Waiters();
  const log = new LocalLog(join(await scratch(), '0-0.log'), '0-0', 'off');
  const consumers = Array.from({ length: options.consumers ?? 1 }, (_, index) => new Consumer(`0.1.0>1.1.${index}`, 0, waiters, options.stuck));
  const senders: ChannelSender[] = [];
  const lanes = lanesOf({ windowBytes: WINDOW_BYTES });
  const states: TaskState[] = [];
  const task: SourceTask = new SourceTask({
    ref: { stage: 0, generation: 1, index: 0 },
    attempt: 1,
    lanes,
    clock: systemClock,
    source,
    log,
    changed: () => {
      states.push(task.status().state);
      waiters.look();
    },
  });
  for (const { receiver } of consumers) {
    senders.push(new ChannelSender({ name: receiver.name, attempt: 1, maxHeldBytes: WINDOW_BYTES, skipTuples: skipLines, events: task.output }));
  }
  setSenders(lanes, senders);
  for (const [index, { receiver }] of consumers.entries()) joinLocally(senders[index] as ChannelSender, receiver);
  onTestFinished(async () => {
    await task.stop();
    log.close();
  });
  return { task, consumers, waiters, states, events: () => readFile(log.path, 'utf8') };
}

async function fileSource(content: string): Promise<FileSource> {
  const file = await entry(await scratch(), 'in.txt', content);
  return new FileSource({ files: [file], format: 'lines', header: false, maxTupleBytes: 1 << 20 });
}

function blockOf(text: string): Block {
  const bytes = Buffer.from(text);
  return { bytes, count: 1, ends: Uint32Array.of(bytes.length) };
}

/** A source that gives the same line for ever; `reads` counts. */
function endless(line: string): Source & { reads: number; closed: boolean } {
  const source = {
    reads: 0,
    closed: false,
    read: () => {
      source.reads += 1;
      return Promise.resolve(source.closed ? undefined : blockOf(line));
    },
    position: () => undefined,
    progress: () => ({ doneBytes: 0, totalBytes: undefined }),
    close: () => {
      source.closed = true;
      return Promise.resolve();
    },
  };
  return source;
}

test('a source\'s tuples go to the first stage, and its end behind them', async () => {
  const { task, consumers, waiters, states, events } = await rigFor(await fileSource('a\nb\nc'));
  expect(task.status()).toMatchObject({ state: 'starting', inTuples: 0, sourceDoneBytes: 0, sourceTotalBytes: 5 });
  await task.start();
  await waiters.until(() => task.status().state === 'finished');
  expect(consumers[0]?.text).toBe('a\nb\nc\n');
  expect(consumers[0]?.ended).toBe(true);
  expect(states).toEqual(['running', 'draining', 'finished']);
  expect(task.status()).toMatchObject({ inTuples: 3, outTuples: 3, sourceDoneBytes: 5, sourceTotalBytes: 5, groups: [] });
  expect(await events()).toMatch(/START attempt=1\n.*END out=3\n$/);
});

test('an empty source is a source that has ended', async () => {
  const { task, consumers, waiters } = await rigFor(await fileSource(''));
  await task.start();
  await waiters.until(() => task.status().state === 'finished');
  expect([consumers[0]?.text, consumers[0]?.ended]).toEqual(['', true]);
});

describe('S1: reading waits', () => {
  test('while any channel is full, and goes on when there is room', async () => {
    const content = `${'x'.repeat(99)}\n`.repeat(40_000);
    const source = await fileSource(content);
    const { task, consumers, waiters } = await rigFor(source, { stuck: true });
    await task.start();
    await waiters.until(() => (consumers[0]?.bytes ?? 0) > 0);
    for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate);
    // One block may have been read that made the channel full.
    expect(source.progress().doneBytes).toBeLessThan(content.length / 2);
    expect(consumers[0]?.bytes).toBeLessThanOrEqual(WINDOW_BYTES);
    consumers[0]?.loosen();
    await waiters.until(() => task.status().state === 'finished');
    expect(consumers[0]?.text === content).toBe(true);
  });

  test('and ends at once when the task is stopped', async () => {
    const source = endless('x\n'.repeat(1000));
    const { task, consumers, waiters } = await rigFor(source, { stuck: true });
    await task.start();
    await waiters.until(() => (consumers[0]?.bytes ?? 0) > 0);
    for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate);
    await task.stop();
    expect([task.status().state, source.closed]).toEqual(['stopped', true]);
    expect(consumers[0]?.ended).toBe(false);
  });

  test('also when it is stopped in the moment in which the last block arrives', async () => {
    const { promise, resolve } = Promise.withResolvers<Block>();
    const { task, consumers } = await rigFor({ ...endless(''), read: () => promise }, { stuck: true });
    await task.start();
    resolve(blockOf(`${'x'.repeat(4 * WINDOW_BYTES)}\n`));
    await task.stop();
    expect(task.status().state).toBe('stopped');
    expect(consumers[0]?.text).toBe('');
  });
});

describe('S2: a source that nobody wants more of', () => {
  test('ends early when every consumer has stopped, and that is success', async () => {
    const source = endless('x\n');
    const { task, consumers, waiters, events } = await rigFor(source, { consumers: 2 });
    await task.start();
    await waiters.until(() => (consumers[0]?.bytes ?? 0) > 0);
    consumers[0]?.receiver.stop();
    const { reads } = source;
    await waiters.until(() => source.reads > reads && (consumers[1]?.bytes ?? 0) > 0);
    expect(task.status().state).toBe('running');
    consumers[1]?.receiver.stop();
    await waiters.until(() => task.status().state === 'finished');
    expect(source.closed).toBe(true);
    expect(await events()).toContain('NOTE no consumer wants more; the rest of the source is not read');
  });

  test('also when they had stopped before it was started, or while it waited for room', async () => {
    const early = await rigFor(endless('x\n'));
    early.consumers[0]?.receiver.stop();
    await early.task.start();
    await early.waiters.until(() => early.task.status().state === 'finished');
    const stuck = await rigFor(endless('x\n'.repeat(1000)), { stuck: true });
    await stuck.task.start();
    await stuck.waiters.until(() => (stuck.consumers[0]?.bytes ?? 0) > 0);
    for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate);
    stuck.consumers[0]?.receiver.stop();
    await stuck.waiters.until(() => stuck.task.status().state === 'finished');
  });
});

test('a source that fails fails the task, and no end follows what it gave', async () => {
  const source = { ...endless('x\n'), read: () => Promise.reject(new RainstormError('SOURCE_FAILED', 'the disk is gone', { hint: 'Look at it.' })) };
  const { task, consumers, waiters } = await rigFor(source);
  await task.start();
  await waiters.until(() => task.status().state === 'failed');
  expect(task.status().failure).toEqual({ code: 'SOURCE_FAILED', message: 'the disk is gone', hint: 'Look at it.', stderr: [] });
  expect(consumers[0]?.ended).toBe(false);
  await task.stop();
  expect(task.status().state).toBe('failed');
});
