import type { Block } from '../block.ts';
import type { Kernel } from './kernel.ts';
import { loadPiece, startOf } from './piece.ts';

/** Below this, tuple by tuple is faster than the calls that copy. */
export const MIN_PARTITION_BYTES = 1024;

/** What one piece holds for one consumer. Valid until the kernel's next call. */
export interface Part {
  /** The kernel's memory. */
  readonly bytes: Buffer;
  /** Where the consumer's bytes begin in it. */
  readonly start: number;
  /** Number of tuples. */
  readonly count: number;
  /** Offset behind each tuple, from `start`. */
  readonly ends: Uint32Array;
}

/**
 * Partitions tuples of a block from number `first` on, as many as fit into a piece, by the hash of column `column` (from 1)
 * or of the whole tuple (0). Gives the number behind the last one: `first` itself where that tuple is longer than a piece.
 */
export function partitionPiece(kernel: Kernel, block: Block, first: number, column: number, parts: number): number {
  const next = loadPiece(kernel, block, first);
  if (next > first) kernel.calls.partition(next - first, startOf(block, first), column, parts);
  return next;
}

/** What the piece partitioned last holds for consumer `index`; undefined if nothing. */
export function partOf(kernel: Kernel, index: number): Part | undefined {
  const { bytes, words } = kernel;
  const at = kernel.areas.PARTS / 4 + index * 4;
  const count = words[at + 1] as number;
  if (count === 0) return undefined;
  const ends = (words[at + 3] as number) / 4;
  return { bytes, start: words[at + 2] as number, count, ends: words.subarray(ends, ends + count) };
}
