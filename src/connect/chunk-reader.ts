/** Bytes of one input in the order they have there, pulled. What a `Source` reads before it knows about tuples. */
export interface ChunkReader {
  /** The next bytes, at least one, in a buffer that nobody writes into again; undefined at the end, and then always. */
  next(): Promise<Buffer | undefined>;
  /** Bytes taken from the input so far, as stored there (compressed ones for .gz). */
  readonly doneBytes: number;
  /** Ends the reading early; a pending `next` then gives undefined. Idempotent. */
  close(): Promise<void>;
}
