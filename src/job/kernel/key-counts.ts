import { RainstormError } from '../../base/errors.ts';
import type { Block } from '../block.ts';
import type { Kernel } from './kernel.ts';
import { loadPiece, startOf } from './piece.ts';

/** 2 GiB: twice what a task takes for a state. A key takes some 40 bytes and its own. */
export const MAX_COUNT_PAGES = 32_768;

/** Of an entry: see `assembly/table.ts`. */
const LENGTH_OFFSET = 8;
const KEY_OFFSET = 16;

/** A key and how often it came. The key is a view, valid until the next call. */
export interface KeyCount {
  readonly key: Buffer;
  readonly count: number;
}

/**
 * How often each key came, in the memory of a kernel that is this object's own. Columns are numbered from 1; 0 is the tuple
 * without its newline. Every method that adds keys throws STATE_FULL where memory is at its end.
 */
export class KeyCounts {
  readonly #kernel: Kernel;
  readonly #column: number;
  readonly #maxKeys: number;

  /** `maxKeys`: with so many `countPiece` stops, to be called again behind `clear`. */
  constructor(kernel: Kernel, column: number, maxKeys?: number) {
    this.#kernel = kernel;
    this.#column = column;
    this.#maxKeys = maxKeys ?? Infinity;
    if (maxKeys !== undefined) kernel.calls.limitKeys(maxKeys);
  }

  /** There are as many keys as there may be. */
  get full(): boolean {
    return this.#kernel.calls.keysCounted() >= this.#maxKeys;
  }

  clear(): void {
    this.#kernel.calls.forgetKeys();
  }

  /** Counts tuples from number `first` on, as many as fit into a piece. Gives the number behind the last: `first` itself where that tuple is longer. */
  countPiece(block: Block, first: number): number {
    const next = loadPiece(this.#kernel, block, first);
    if (next === first) return first;
    const count = next - first;
    const counted = this.#kernel.calls.countKeys(0, count, startOf(block, first), this.#column);
    if (counted < count && !this.full) throw this.#outOfMemory();
    return first + counted;
  }

  /** As `countPiece`, and gives `use` the rows `key,count` of these tuples, the count being the key's so far. */
  countRunning(block: Block, first: number, use: (rows: Buffer) => void): number {
    const { OUT, RESULTS } = this.#kernel.areas;
    const next = loadPiece(this.#kernel, block, first);
    const count = next - first;
    for (let from = 0; from < count; ) {
      from = this.#kernel.calls.countRunning(from, count, startOf(block, first), this.#column);
      const { bytes, words } = this.#kernel;
      if (words[RESULTS / 4 + 1] !== 0) throw this.#outOfMemory();
      use(bytes.subarray(OUT, OUT + (words[RESULTS / 4] as number)));
    }
    return next;
  }

  /** Adds to the count of one key; gives its count. */
  add(key: Uint8Array, count: number): number {
    const staged = this.#kernel.calls.stageKey(key.length);
    if (staged === 0) throw this.#outOfMemory();
    this.#kernel.bytes.set(key, staged);
    const entry = this.#kernel.calls.addToKey(key.length, count);
    if (entry === 0) throw this.#outOfMemory();
    return this.#at(entry).count;
  }

  /** All keys in the order in which they came. */
  *entries(): Generator<KeyCount, void, undefined> {
    for (let entry = this.#kernel.calls.nextEntry(0); entry !== 0; entry = this.#kernel.calls.nextEntry(entry)) yield this.#at(entry);
  }

  /** The rows `key,count` of all keys in byte order: many at once, or one whose key is too long for that. */
  *rows(): Generator<Buffer | KeyCount, void, undefined> {
    const { OUT, RESULTS } = this.#kernel.areas;
    if (this.#kernel.calls.sortKeys() === 0) throw this.#outOfMemory();
    for (let from = 0; ; ) {
      from = this.#kernel.calls.writeRows(from);
      const { bytes, words } = this.#kernel;
      const length = words[RESULTS / 4] as number;
      const long = words[RESULTS / 4 + 1] as number;
      if (length > 0) yield bytes.subarray(OUT, OUT + length);
      else if (long === 0) return;
      else {
        yield this.#at(long);
        from++;
      }
    }
  }

  #at(entry: number): KeyCount {
    const { bytes } = this.#kernel;
    const key = entry + KEY_OFFSET;
    return { key: bytes.subarray(key, key + bytes.readUInt32LE(entry + LENGTH_OFFSET)), count: bytes.readDoubleLE(entry) };
  }

  #outOfMemory(): RainstormError {
    const mebibytes = Math.floor(this.#kernel.bytes.length / 2 ** 20);
    return new RainstormError('STATE_FULL', `the keys counted so far and the next one take more than the ${mebibytes} MiB that there is room for`, {
      hint: 'With more tasks in the stage, each counts fewer keys.',
    });
  }
}
