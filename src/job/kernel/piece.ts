import { type Block, lastEndWithin } from '../block.ts';
import type { Kernel } from './kernel.ts';

/** The offset of a block's tuple: what the ends of a piece count from that begins with it. */
export function startOf(block: Block, tuple: number): number {
  return tuple === 0 ? 0 : (block.ends[tuple - 1] as number);
}

/**
 * Copies tuples of a block from number `first` on to the kernel, as many as fit into a piece. Gives the number behind the last
 * one: `first` itself where that tuple is longer than a piece.
 */
export function loadPiece(kernel: Kernel, block: Block, first: number): number {
  const { ENDS, IN, PIECE_BYTES } = kernel.areas;
  const start = startOf(block, first);
  const last = lastEndWithin(block.ends, first, block.count, start + PIECE_BYTES);
  const end = block.ends[last] as number;
  if (end - start > PIECE_BYTES) return first;
  kernel.bytes.set(block.bytes.subarray(start, end), IN);
  kernel.words.set(block.ends.subarray(first, last + 1), ENDS / 4);
  return last + 1;
}
