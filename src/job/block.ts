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
}
