import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { FileSink } from '../../src/connect/file-sink.ts';
import type { Sink } from '../../src/connect/sink.ts';
import { StdoutSink } from '../../src/connect/stdout-sink.ts';
import type { TaskState } from '../../src/job/task-status.ts';
import { LocalLog } from '../../src/task/local-log.ts';
import { SinkTask } from '../../src/task/sink-task.ts';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { joinLocally } from '../../src/wire/local-link.ts';
import { scratch } from '../connect/scratch.ts';
import { firstProducers } from './lanes-to.ts';
import { Producer, WINDOW_BYTES, Waiters, skipLines } from './task-rig.ts';

interface Rig {
  readonly task: SinkTask;
  readonly producers: readonly Producer[];
  readonly waiters: Waiters;
  readonly states: TaskState[];
  readonly events: () => Promise<string[]>;
}

async function rigFor(open: () => Promise<Sink>, producerCount = 1): Promise<Rig> {
  const waiters = new Waiters();
  const log = new LocalLog(join(await scratch(), '3-0.log'), '3-0', 'off');
  const receivers: ChannelReceiver[] = [];
  const states: TaskState[] = [];
  const task: SinkTask = new SinkTask({
    ref: { stage: 3, generation: 1, index: 0 },
    open,
    attempt: 1,
    commits: undefined,
    producers: firstProducers(producerCount),
    receivers: () => receivers,
    log,
    changed: () => {
      states.push(task.status().state);
      waiters.look();
    },
  });
  const producers = Array.from({ length: producerCount }, (_, index) => new Producer(`2.1.${index}>3.1.0`, waiters));
  for (const [producer, { sender }] of producers.entries()) {
    receivers.push(new ChannelReceiver({ name: sender.name, producer, windowBytes: WINDOW_BYTES, skipTuples: skipLines, events: task.input, defer: setImmediate }));
  }
  for (const [index, { sender }] of producers.entries()) joinLocally(sender, receivers[index] as ChannelReceiver);
  onTestFinished(async () => {
    await task.stop();
    log.close();
  });
  return { task, producers, waiters, states, events: async () => (await readFile(log.path, 'utf8')).split('\n').map((line) => line.replace(/^\S+ /, '')) };
}

/** A sink in memory whose writes wait until they are let through. */
class HeldSink implements Sink {
  readonly bytes = undefined;
  readonly calls: string[] = [];
  writing = 0;
  mostWriting = 0;
  held = true;
  outcome: 'open' | 'closed' = 'open';
  text = '';
  #release: (() => void)[] = [];

  async leave(): Promise<void> {
    this.calls.push('leave');
  }

  async write(buffers: readonly Buffer[]): Promise<'open' | 'closed'> {
    this.calls.push('write');
    this.writing += 1;
    this.mostWriting = Math.max(this.mostWriting, this.writing);
    if (this.held) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#release.push(resolve);
      await promise;
    }
    this.writing -= 1;
    this.text += Buffer.concat([...buffers]).toString();
    return this.outcome;
  }

  finish(): Promise<void> {
    this.calls.push('finish');
    return Promise.resolve();
  }

  publish(): Promise<void> {
    this.calls.push('publish');
    return Promise.resolve();
  }

  abandon(): Promise<void> {
    this.calls.push('abandon');
    this.release();
    return Promise.resolve();
  }

  /** Lets writes through, those under way and those to come. */
  release(): void {
    this.held = false;
    for (const resolve of this.#release.splice(0)) resolve();
  }
}

const finished = (rig: Rig) => rig.waiters.until(() => ['finished', 'failed'].includes(rig.task.status().state));

test('tuples of all producers are written in the order in which they came, and the end when all have ended', async () => {
  const path = join(await scratch(), 'out');
  const rig = await rigFor(() => FileSink.open(path, 'header'), 2);
  rig.producers[0]?.push('early\n');
  await rig.task.start();
  rig.producers[1]?.push('b\n');
  rig.producers[1]?.sender.finish();
  await rig.waiters.until(() => rig.producers[1]?.done === true);
  expect(rig.task.status().state).toBe('running');
  rig.producers[0]?.push('c\nd\n');
  rig.producers[0]?.sender.finish();
  await finished(rig);
  await rig.waiters.until(() => rig.producers[0]?.done === true);
  expect(await readFile(`${path}.partial`, 'utf8')).toBe('header\nearly\nb\nc\nd\n');
  expect(rig.states).toEqual(['running', 'finished']);
  expect(rig.task.status()).toMatchObject({ inTuples: 4, outTuples: 4, failure: undefined });
});

describe('K1: writing', () => {
  test('is done once at a time, and what is not written is neither acked nor makes room', async () => {
    const sink = new HeldSink();
    const rig = await rigFor(() => Promise.resolve(sink));
    await rig.task.start();
    const line = `${'x'.repeat(1023)}\n`;
    for (let tuple = 0; tuple < 200; tuple++) rig.producers[0]?.push(line);
    rig.producers[0]?.sender.finish();
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(sink.calls).toEqual(['write']);
    expect(rig.producers[0]?.sender.idle).toBe(false);
    expect(rig.producers[0]?.done).toBe(false);
    expect(rig.task.status().inTuples).toBe(0);
    sink.release();
    await finished(rig);
    await rig.waiters.until(() => rig.producers[0]?.done === true);
    expect([sink.mostWriting, sink.text === line.repeat(200), sink.calls.at(-1)]).toEqual([1, true, 'finish']);
  });

  test('ends with success when the reader has gone, and producers are told to stop', async () => {
    const sink = new HeldSink();
    sink.outcome = 'closed';
    sink.release();
    const rig = await rigFor(() => Promise.resolve(sink), 2);
    await rig.task.start();
    rig.producers[0]?.push('a\n');
    await finished(rig);
    expect([rig.task.status().state, ...rig.producers.map(({ stopped }) => stopped)]).toEqual(['finished', true, true]);
    rig.producers[1]?.push('late\n');
    for (const { sender } of rig.producers) sender.finish();
    expect(rig.producers.map(({ done }) => done)).toEqual([true, true]);
    expect(await rig.events()).toContain('NOTE the reader of the output has gone; the rest is dropped');
  });

  test('that fails fails the task', async () => {
    const sink = new HeldSink();
    sink.write = () => Promise.reject(new RainstormError('SINK_FAILED', 'cannot write out: no space left', { hint: 'Free some.' }));
    const rig = await rigFor(() => Promise.resolve(sink));
    await rig.task.start();
    rig.producers[0]?.push('a\n');
    await finished(rig);
    expect(rig.task.status()).toMatchObject({ state: 'failed', failure: { code: 'SINK_FAILED', message: 'cannot write out: no space left', hint: 'Free some.' } });
    await rig.task.stop();
    expect(sink.calls).toEqual(['abandon']);
    expect(rig.task.status().state).toBe('failed');
  });

  test('a sink that cannot be opened fails the task', async () => {
    const rig = await rigFor(() => Promise.reject(new RainstormError('SINK_FAILED', 'cannot write out: no such folder')));
    rig.producers[0]?.push('a\n');
    await rig.task.start();
    expect(rig.task.status().failure?.code).toBe('SINK_FAILED');
    await rig.task.stop();
  });
});

describe('K2: the result', () => {
  test('is visible only when it is published', async () => {
    const folder = await scratch();
    const rig = await rigFor(() => FileSink.open(join(folder, 'out'), undefined));
    await rig.task.start();
    rig.producers[0]?.push('a\n');
    rig.producers[0]?.sender.finish();
    await finished(rig);
    expect(existsSync(join(folder, 'out'))).toBe(false);
    await rig.task.publish();
    await rig.task.stop();
    expect(await readdir(folder)).toEqual(['out']);
    expect(await rig.events()).toContain('END published, tuples=1');
  });

  test.each<[string, (rig: Rig) => Promise<void>]>([
    ['while it is written', async (rig) => rig.producers[0]?.push('a\n')],
    ['when it is finished and not published', async (rig) => {
      rig.producers[0]?.sender.finish();
      await finished(rig);
    }],
  ])('leaves nothing when the task is stopped %s', async (_, before) => {
    const folder = await scratch();
    const rig = await rigFor(() => FileSink.open(join(folder, 'out'), undefined));
    await rig.task.start();
    await before(rig);
    await rig.task.stop();
    expect(await readdir(folder)).toEqual([]);
  });

  test('leaves nothing when the task is stopped while it opens', async () => {
    const folder = await scratch();
    const rig = await rigFor(() => FileSink.open(join(folder, 'out'), undefined));
    const starting = rig.task.start();
    await rig.task.stop();
    await starting;
    expect(await readdir(folder)).toEqual([]);
    expect(rig.states).toEqual(['stopped']);
  });

  test('that nobody reads does not keep the task from being stopped', async () => {
    const stuck = new Writable({ write: () => undefined });
    const rig = await rigFor(() => Promise.resolve(new StdoutSink(stuck, undefined)));
    await rig.task.start();
    rig.producers[0]?.push('a\n');
    await rig.task.stop();
    expect([rig.task.status().state, rig.producers[0]?.stopped]).toEqual(['stopped', false]);
    expect(await rig.events()).not.toContain('END in=1');
  });

  test('is not finished by a task that was stopped meanwhile', async () => {
    const sink = new HeldSink();
    sink.release();
    const { promise, resolve } = Promise.withResolvers<void>();
    sink.finish = () => promise;
    const rig = await rigFor(() => Promise.resolve(sink));
    await rig.task.start();
    rig.producers[0]?.sender.finish();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    const stopping = rig.task.stop();
    resolve();
    await stopping;
    expect(rig.task.status().state).toBe('stopped');
  });
});
