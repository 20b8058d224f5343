import type { Block } from '../job/block.ts';

export interface SourceProgress {
  /** Bytes of the source read so far, as stored (compressed ones for .gz). */
  readonly doneBytes: number;
  /** Undefined for stdin, whose length nobody knows. */
  readonly totalBytes: number | undefined;
}

/** Where tuples come from. Pulled, so that a slow pipeline slows the reading down. */
export interface Source {
  /** The next tuples, or undefined at the end. One call at a time. Throws a `RainstormError` that names file and line. */
  read(): Promise<Block | undefined>;
  progress(): SourceProgress;
  /** Ends the source early; a pending `read` gives undefined. Idempotent. */
  close(): Promise<void>;
}
