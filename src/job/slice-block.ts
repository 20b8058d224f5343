import type { Block } from './block.ts';

/** The tuples `from` (inclusive) to `to` (exclusive) of a block, which share its bytes. 0 ≤ from ≤ to ≤ count. */
export function sliceBlock(block: Block, from: number, to: number): Block {
  if (from === 0 && to === block.count) return block;
  const start = endOf(block, from);
  const ends = block.ends.slice(from, to);
  if (start > 0) for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] ?? 0) - start;
  return { bytes: block.bytes.subarray(start, endOf(block, to)), count: to - from, ends };
}

/** The offset behind the first `count` tuples. */
export function endOf(block: Block, count: number): number {
  return count === 0 ? 0 : (block.ends[count - 1] ?? 0);
}
