import type { Block } from '../job/block.ts';

export interface SourceProgress {
  /** Bytes of the source read so far, as stored (compressed ones for .gz). */
  readonly doneBytes: number;
  /** Undefined for stdin, whose length nobody knows. */
  readonly totalBytes: number | undefined;
}

/** A place between two tuples, from which a source can be read again later, by another process. Plain JSON. */
export interface SourcePosition {
  /** Index of the file. */
  readonly file: number;
  /** Of the next tuple in the file, unpacked, or among the tuples of what is journaled; one past the end of a file whose last line has no newline. */
  readonly offsetBytes: number;
  /** On which the next tuple begins, from 1. */
  readonly line: number;
  /** What tells the file from another under the same path; undefined before it was opened. */
  readonly identity: FileIdentity | undefined;
  /** The first file's header, base64, where files have one. */
  readonly header: string | undefined;
}

export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Where tuples come from. Pulled, so that a slow pipeline slows the reading down. */
export interface Source {
  /**
   * The next tuples, or undefined at the end. One call at a time. `hurry`: they were read before, so no rate holds for them.
   * Throws a `RainstormError` that names file and line.
   */
  read(hurry?: boolean): Promise<Block | undefined>;
  /** Behind the tuples read so far; undefined where nothing can be read twice. Not while a `read` is pending. */
  position(): SourcePosition | undefined;
  progress(): SourceProgress;
  /** Ends the source early; a pending `read` gives undefined. Idempotent. */
  close(): Promise<void>;
}
