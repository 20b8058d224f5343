import type { FileRange } from './file-range.ts';

/**
 * A run of whole tuples as bytes, exactly as they came, each closed by a newline.
 * The unit that sources, routers and operators hand on: per-block work is free, per-tuple work is not.
 */
export interface Block {
  readonly bytes: Buffer;
  /** Number of tuples. */
  readonly count: number;
  /** Offset just behind each tuple's newline; the first `count` entries are valid, the last one is `bytes.length`. */
  readonly ends: Uint32Array;
  /** Where the bytes stand, if they come from a source that is asked for that; they are valid until its next `read` then. */
  readonly range?: FileRange;
}

/** The last tuple in `from … to - 1` that ends at or before `limit`; `from` itself if even that one ends behind it. */
export function lastEndWithin(ends: Uint32Array, from: number, to: number, limit: number): number {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ends[middle] as number) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
