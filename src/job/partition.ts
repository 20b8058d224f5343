import { SPREAD_RUN_BYTES } from '../base/limits.ts';
import type { Block } from './block.ts';
import { fieldSpan, locateField, unquote } from './csv-field.ts';
import type { Partitioning } from './plan.ts';

/** Tuples `from` to `to - 1` of a block, which all go to the same consumer. */
export interface SpreadRun {
  readonly from: number;
  readonly to: number;
  readonly consumer: number;
}

/**
 * The hash of `bytes[start..end)`, 0 to 2^32 - 1: MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain), which
 * takes four bytes at a time. It never changes: a journal written by one version is replayed by another.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash ^= mixWord(byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let shift = 0; at < end; shift += 8) rest |= byteAt(bytes, at++) << shift;
  hash ^= mixWord(rest) ^ (end - start);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixWord(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/**
 * The partition of a hash, 0 to `parts - 1`: the hash as a fraction of its range, times `parts` (Lemire, "A fast
 * alternative to the modulo reduction"). Exact for up to 2^21 parts, since the product stays below 2^53.
 */
export function partitionOf(hash: number, parts: number): number {
  return Math.floor((hash * parts) / 0x1_0000_0000);
}

/** Decides which of a stage's `parts` tasks each tuple of one producer goes to. */
export class Partitioner {
  readonly #partitioning: Partitioning;
  readonly #parts: number;
  readonly #producerIndex: number;
  readonly #span = fieldSpan();
  readonly #unquoted = new Uint8Array(256);

  /** `producerIndex`: the producing task's index within its stage, from 0. */
  constructor(partitioning: Partitioning, parts: number, producerIndex: number) {
    this.#partitioning = partitioning;
    this.#parts = parts;
    this.#producerIndex = producerIndex;
  }

  /**
   * Writes the index of each tuple's consumer to `owners[0..block.count)`.
   * `outputOffsetBytes`: where the block begins in everything that the producer has put out; only `spread` looks at it.
   */
  assign(block: Block, outputOffsetBytes: number, owners: Uint16Array): void {
    switch (this.#partitioning.kind) {
      case 'spread':
        for (const run of this.spreadRuns(block, outputOffsetBytes)) owners.fill(run.consumer, run.from, run.to);
        break;
      case 'line':
        this.#assignByLine(block, owners);
        break;
      case 'column':
        this.#assignByColumn(block, this.#partitioning.column, owners);
        break;
    }
  }

  /**
   * Cuts a block into runs for stages without a key, in order and without gaps. The consumer moves on by one with every
   * `SPREAD_RUN_BYTES` of the producer's output in which a tuple begins, and depends on that position only: never on time
   * or on how blocks were cut.
   */
  spreadRuns(block: Block, outputOffsetBytes: number): SpreadRun[] {
    const runs: SpreadRun[] = [];
    let from = 0;
    while (from < block.count) {
      const start = outputOffsetBytes + (from === 0 ? 0 : (block.ends[from - 1] ?? 0));
      const stretch = Math.floor(start / SPREAD_RUN_BYTES);
      const to = firstStartingAt(block, (stretch + 1) * SPREAD_RUN_BYTES - outputOffsetBytes, from + 1);
      runs.push({ from, to, consumer: (this.#producerIndex + stretch) % this.#parts });
      from = to;
    }
    return runs;
  }

  #assignByLine(block: Block, owners: Uint16Array): void {
    const { bytes, count, ends } = block;
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i] ?? 0;
      owners[i] = partitionOf(hashBytes(bytes, start, end - 1), this.#parts);
      start = end;
    }
  }

  #assignByColumn(block: Block, column: number, owners: Uint16Array): void {
    const { bytes, count, ends } = block;
    const span = this.#span;
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i] ?? 0;
      locateField(bytes, start, end, column, span);
      const hash = span.escaped ? this.#hashUnquoted(bytes, span.start, span.end) : hashBytes(bytes, span.start, span.end);
      owners[i] = partitionOf(hash, this.#parts);
      start = end;
    }
  }

  #hashUnquoted(bytes: Buffer, start: number, end: number): number {
    // A key too long for the small buffer, which every partitioner has, gets one of its own for this call.
    const target = end - start <= this.#unquoted.length ? this.#unquoted : new Uint8Array(end - start);
    return hashBytes(target, 0, unquote(bytes, start, end, target));
  }
}

/** The first tuple, from number `from` on, that begins at or behind `offset` of the block; `block.count` when none does. */
function firstStartingAt(block: Block, offset: number, from: number): number {
  let low = from;
  let high = block.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block.ends[middle - 1] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
