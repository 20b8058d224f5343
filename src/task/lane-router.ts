/**
 * Hands a task's output to the tasks of one generation of the next stage, one channel for each.
 *
 * R1 Which consumer a tuple goes to depends on its key, or on its position in the whole output: never on how the output
 *    happened to be cut into chunks, and never on timing.
 * R2 Tuples of one consumer keep their order.
 * R3 While any channel is full no more is taken (`full`), so a slow consumer slows its producers down.
 * R4 What is routed behind a position depends on that position and the tuples alone: a new attempt can begin there.
 */
import { invariant } from '../base/errors.ts';
import { FRAME_TARGET_BYTES } from '../base/limits.ts';
import { type Block, lastEndWithin } from '../job/block.ts';
import { MAX_RANGE_BYTES, encodeRange, type FileRange } from '../job/file-range.ts';
import { type Kernel, kernelFor } from '../job/kernel/kernel.ts';
import { MIN_PARTITION_BYTES, partOf, partitionPiece } from '../job/kernel/partition-piece.ts';
import type { HeavyHitter } from '../job/heavy-hitters.ts';
import { Partitioner } from '../job/partition.ts';
import type { Partitioning } from '../job/plan.ts';
import { sliceBlock } from '../job/slice-block.ts';
import type { ChannelSender } from '../wire/channel-sender.ts';
import type { MadePosition } from '../wire/made-position.ts';
import { KeySample } from './key-sample.ts';
import { ScatterBuffer } from './scatter-buffer.ts';

export interface LaneRouterOptions {
  readonly partitioning: Partitioning;
  readonly producerIndex: number;
  /** One for each task of the next stage, in the order of their indices. */
  readonly channels: readonly ChannelSender[];
  /** What one channel may have under way; frames are kept to half of it, so that two can overlap. */
  readonly windowBytes: number;
}

export class LaneRouter {
  readonly #channels: readonly ChannelSender[];
  readonly #partitioner: Partitioner;
  readonly #spread: boolean;
  /** 0 where the whole tuple is the key. */
  readonly #keyColumn: number;
  readonly #frameBytes: number;
  readonly #scatter: readonly ScatterBuffer[];
  readonly #keys: KeySample;
  #owners = new Uint16Array(0);

  constructor(options: LaneRouterOptions) {
    this.#channels = options.channels;
    this.#spread = options.partitioning.kind === 'spread';
    this.#keyColumn = options.partitioning.kind === 'column' ? options.partitioning.column : 0;
    this.#partitioner = new Partitioner(options.partitioning, options.channels.length, options.producerIndex);
    this.#frameBytes = Math.min(FRAME_TARGET_BYTES, Math.ceil(options.windowBytes / 2));
    this.#keys = new KeySample(this.#keyColumn);
    this.#scatter = options.channels.map((channel) => new ScatterBuffer(channel, this.#frameBytes));
  }

  get full(): boolean {
    return this.#channels.some((channel) => channel.full);
  }

  /** Every consumer has said that it wants no more. */
  get unwanted(): boolean {
    return this.#channels.every((channel) => channel.stopped);
  }

  /** The keys that most tuples had, where consumers are chosen by key. */
  get hotKeys(): HeavyHitter[] {
    return this.#keys.top();
  }

  /** Everything is acked, the ends of the channels too. */
  get done(): boolean {
    return this.#channels.every((channel) => channel.done);
  }

  /** What is routed now was routed by an attempt before, as far as the consumers have said. */
  get remaking(): boolean {
    return this.#channels.every((channel) => channel.remaking);
  }

  /** By consumer, of all that was routed; what was held back for fuller frames is sent. */
  get made(): MadePosition[] {
    this.flush();
    return this.#channels.map((channel) => channel.made);
  }

  /** A new attempt routes everything behind `from` again, or everything. Throws DIVERGED. */
  restart(from: readonly MadePosition[] | undefined): void {
    for (const [index, channel] of this.#channels.entries()) channel.restart(from?.[index]);
  }

  /** `offsetBytes`: where the block begins in the task's output. Of a block that says where it stands only that goes on (job/file-range). */
  route(block: Block, offsetBytes: number): void {
    if (block.range !== undefined) this.#pushRange(block.range, block.count);
    else if (this.#channels.length === 1) this.#pushRun(this.#channels[0] as ChannelSender, block, 0, block.count);
    else if (this.#spread) this.#routeByPosition(block, offsetBytes);
    else this.#routeByKey(block, offsetBytes);
  }

  /** Sends what was held back for fuller frames. */
  flush(): void {
    for (const buffer of this.#scatter) buffer.flush();
  }

  /** Sends what was held back for fuller frames on channels that have nothing under way any more. */
  flushIdle(): void {
    for (const buffer of this.#scatter) buffer.flushIfIdle();
  }

  /** `superseded`: what comes behind goes to the next generation of the consumers. Throws DIVERGED. */
  finish(superseded: boolean): void {
    for (const [index, channel] of this.#channels.entries()) {
      (this.#scatter[index] as ScatterBuffer).flush();
      channel.finish(superseded);
    }
  }

  #pushRange(range: FileRange, count: number): void {
    invariant(this.#spread || this.#channels.length === 1, 'FR1: ranges are dealt out by position');
    const consumer = (range.file + Math.floor(range.offsetBytes / MAX_RANGE_BYTES)) % this.#channels.length;
    (this.#channels[consumer] as ChannelSender).push(encodeRange(range), count);
  }

  #routeByPosition(block: Block, offsetBytes: number): void {
    for (const run of this.#partitioner.spreadRuns(block, offsetBytes)) {
      this.#pushRun(this.#channels[run.consumer] as ChannelSender, block, run.from, run.to);
    }
  }

  #routeByKey(block: Block, offsetBytes: number): void {
    this.#keys.add(block);
    const kernel = kernelFor(block.bytes.length, MIN_PARTITION_BYTES);
    let first = 0;
    while (kernel !== undefined && first < block.count) {
      const next = partitionPiece(kernel, block, first, this.#keyColumn, this.#channels.length);
      if (next > first) this.#addParts(kernel);
      // A tuple that is longer than what the kernel takes goes its way alone.
      else this.#addTuples(sliceBlock(block, first, first + 1), offsetBytes);
      first = Math.max(next, first + 1);
    }
    if (kernel === undefined) this.#addTuples(block, offsetBytes);
    this.flushIdle();
  }

  #addParts(kernel: Kernel): void {
    for (let consumer = 0; consumer < this.#scatter.length; consumer++) {
      const part = partOf(kernel, consumer);
      if (part !== undefined) (this.#scatter[consumer] as ScatterBuffer).addPart(part);
    }
  }

  #addTuples(block: Block, offsetBytes: number): void {
    if (this.#owners.length < block.count) this.#owners = new Uint16Array(block.count * 2);
    this.#partitioner.assign(block, offsetBytes, this.#owners);
    let start = 0;
    for (let tuple = 0; tuple < block.count; tuple++) {
      const end = block.ends[tuple] as number;
      (this.#scatter[this.#owners[tuple] as number] as ScatterBuffer).add(block.bytes, start, end);
      start = end;
    }
  }

  /** Pushes tuples `from` to `to - 1` without copying, cut into frames at tuple boundaries. */
  #pushRun(channel: ChannelSender, block: Block, from: number, to: number): void {
    let start = from === 0 ? 0 : (block.ends[from - 1] as number);
    let first = from;
    while (first < to) {
      const last = lastEndWithin(block.ends, first, to, start + this.#frameBytes);
      const end = block.ends[last] as number;
      channel.push(block.bytes.subarray(start, end), last - first + 1);
      start = end;
      first = last + 1;
    }
  }
}
