import { describe, expect, onTestFinished, test } from 'vitest';
import { LaneRouter } from '../../src/task/lane-router.ts';
import { Lanes } from '../../src/task/lanes.ts';
import type { OutputPosition } from '../../src/task/output-position.ts';
import { SourceCheckpoints } from '../../src/task/source-checkpoints.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Log } from '../../src/log/log.ts';
import { ManualClock } from '../base/manual-clock.ts';
import { scratch } from '../connect/scratch.ts';
import { RecordedChannel } from './recorded-channels.ts';

/** Small segments: what may be forgotten is. */
const SEGMENT_BYTES = 128;

function outputAt(tuples: number, generation = 1): OutputPosition {
  return { tuples, offsetBytes: tuples * 10, generation, channels: [{ sequence: tuples, digest: 0, stopped: false }] };
}

/** A source's log, attempt after attempt. */
class Rig {
  readonly clock = new ManualClock();
  readonly channel = new RecordedChannel('0.1.0>1.1.0');
  readonly failures: unknown[] = [];
  readonly lanes = new Lanes({ makeRouter: (channels) => new LaneRouter({ partitioning: { kind: 'spread' }, producerIndex: 0, channels, windowBytes: 1 << 20 }) });
  readonly #folder: string;
  #attempt = 0;
  /** Of the log, when that is next done. */
  #cut = Promise.withResolvers<void>();
  log: Log | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.consumersAre(1);
  }

  consumersAre(generation: number): void {
    this.lanes.set([{ generation, senders: [this.channel.sender], pending: false }]);
  }

  static async make(): Promise<Rig> {
    return new Rig(await scratch());
  }

  /** The next attempt. `firstNeeded`: what else the log is needed for. */
  async open(firstNeeded?: (offsetBytes: number) => number): Promise<SourceCheckpoints> {
    const store = await DiskStore.open({ folder: this.#folder, durability: 'process', segmentBytes: SEGMENT_BYTES });
    this.#attempt += 1;
    const log = await store.open('source', this.#attempt);
    onTestFinished(() => log.close());
    const cut = log.cut.bind(log);
    log.cut = async (before) => {
      await cut(before);
      this.#cut.resolve();
    };
    this.log = log;
    return new SourceCheckpoints(log, firstNeeded, 0);
  }

  begin(checkpoints: SourceCheckpoints): void {
    checkpoints.begin({ lanes: this.lanes, clock: this.clock, failed: (error) => this.failures.push(error) });
  }

  /** A whole record each, and the cut behind it. */
  async record(checkpoints: SourceCheckpoints, output: OutputPosition): Promise<void> {
    this.#cut = Promise.withResolvers();
    checkpoints.offer(() => ({ source: { file: 0, offsetBytes: output.offsetBytes, line: 1, identity: undefined, header: undefined }, output }));
    await this.#cut.promise;
    // Whoever waited for the cut before has heard of it, too.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The consumer has so many tuples. */
  take(tuples: number): void {
    for (let tuple = this.channel.sender.next; tuple < tuples; tuple++) this.channel.sender.push(Buffer.from('x\n'), 1);
    this.channel.ack();
  }
}

describe('SWITCHes of a source', () => {
  test('are found again by the next attempt, where there was no checkpoint', async () => {
    const rig = await Rig.make();
    const first = await rig.open();
    await first.recordSwitch({ generation: 2, ordinal: 5 });
    await first.recordSwitch({ generation: 3, ordinal: 5 });
    await first.close();
    const second = await rig.open();
    expect(await second.last()).toBeUndefined();
    expect(await second.switchesBehind(undefined)).toEqual([{ generation: 2, ordinal: 5 }, { generation: 3, ordinal: 5 }]);
  });

  test('Y2: that lie behind the output of the last checkpoint survive its cut, of this attempt and the next', async () => {
    const rig = await Rig.make();
    const first = await rig.open();
    rig.begin(first);
    rig.take(50);
    await first.recordSwitch({ generation: 2, ordinal: 40 });
    for (let tuples = 1; tuples < 20; tuples++) await rig.record(first, outputAt(tuples));
    await first.close();
    const second = await rig.open();
    expect(await second.switchesBehind(await second.last())).toEqual([{ generation: 2, ordinal: 40 }]);
    rig.begin(second);
    for (let tuples = 20; tuples < 39; tuples++) await rig.record(second, outputAt(tuples));
    await second.close();
    const third = await rig.open();
    const last = await third.last();
    expect(last?.output.tuples).toBe(38);
    expect(await third.switchesBehind(last)).toEqual([{ generation: 2, ordinal: 40 }]);
    expect(rig.failures).toEqual([]);
  });

  test('Y2: are let go with what is before them, when a checkpoint lies behind them', async () => {
    const rig = await Rig.make();
    const checkpoints = await rig.open();
    rig.begin(checkpoints);
    rig.consumersAre(2);
    rig.take(50);
    await checkpoints.recordSwitch({ generation: 2, ordinal: 0 });
    for (let tuples = 1; tuples < 20; tuples++) await rig.record(checkpoints, outputAt(tuples, 2));
    expect(await checkpoints.switchesBehind(await checkpoints.last())).toEqual([]);
    expect(rig.log?.first).toBeGreaterThan(0);
    await checkpoints.close();
  });

  test('one that is recorded while a checkpoint is stays, too', async () => {
    const rig = await Rig.make();
    const first = await rig.open();
    rig.begin(first);
    rig.take(100);
    for (let tuples = 1; tuples < 20; tuples++) {
      const recorded = rig.record(first, outputAt(tuples));
      const switched = tuples === 10 ? first.recordSwitch({ generation: 2, ordinal: 90 }) : undefined;
      await Promise.all([recorded, switched]);
    }
    await first.close();
    const second = await rig.open();
    expect(await second.switchesBehind(await second.last())).toEqual([{ generation: 2, ordinal: 90 }]);
  });
});

describe('a checkpoint of a source', () => {
  test('Y1: is recorded when consumers have acked what was read before it', async () => {
    const rig = await Rig.make();
    const checkpoints = await rig.open();
    rig.begin(checkpoints);
    await rig.record(checkpoints, outputAt(0));
    checkpoints.offer(() => ({ source: { file: 0, offsetBytes: 30, line: 1, identity: undefined, header: undefined }, output: outputAt(3) }));
    rig.take(2);
    checkpoints.acked();
    expect(rig.log?.next, 'nothing is appended').toBe(1);
    expect((await checkpoints.last())?.output.tuples).toBe(0);
    rig.take(3);
    checkpoints.acked();
    await checkpoints.close();
    const again = await rig.open();
    expect((await again.last())?.output.tuples).toBe(3);
  });

  test('keeps what else the log is needed for', async () => {
    const rig = await Rig.make();
    const checkpoints = await rig.open(() => 4);
    rig.begin(checkpoints);
    rig.take(50);
    for (let tuples = 1; tuples < 20; tuples++) await rig.record(checkpoints, outputAt(tuples));
    expect(rig.log?.first).toBeLessThanOrEqual(4);
    await checkpoints.close();
  });
});

test('a source that has ended here records nothing more, whatever is acked then', async () => {
  const rig = await Rig.make();
  const checkpoints = await rig.open();
  rig.begin(checkpoints);
  checkpoints.offer(() => ({ source: { file: 0, offsetBytes: 10, line: 1, identity: undefined, header: undefined }, output: outputAt(1) }));
  const closed = checkpoints.close();
  rig.take(1);
  checkpoints.acked();
  await closed;
  expect(await (await rig.open()).last()).toBeUndefined();
  expect(rig.failures).toEqual([]);
});
