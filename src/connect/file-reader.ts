import type { Block } from '../job/block.ts';

/** A place between two tuples of one input. */
export interface TuplePlace {
  readonly offsetBytes: number;
  readonly line: number;
}

/** One file of a source as blocks of whole tuples, its header, if it has one, kept apart. */
export interface FileReader {
  /** Behind the tuples read so far. */
  readonly place: TuplePlace;
  /** As stored. */
  readonly doneBytes: number;
  /** The header without its newline: known once the first `read` is over, undefined for an input without any record. */
  readonly header: Buffer | undefined;
  /** The next tuples, or undefined at the end. A block has no tuples when the header was all that the read brought. */
  read(): Promise<Block | undefined>;
  /** Ends the reading early; a pending `read` gives undefined, what was read of an unfinished tuple is dropped. */
  close(): Promise<void>;
}
