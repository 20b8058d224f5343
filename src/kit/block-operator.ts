import type { Block } from '../job/block.ts';
import type { Format } from '../job/stage-spec.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Output } from './output.ts';

/** What one operator does, apart from the reading, splitting, writing and checkpoints that all of them share. */
export interface BlockOperator {
  /** Handles the tuples of one block. `line`: the number of the input's line that the block begins on. */
  take(block: Block, output: Output, line: number): void;
  /**
   * Handles whole tuples at the start of a chunk, which begins with one; gives how much that was, and the newlines in it. For
   * operators that need not know where each tuple ends: the rest comes to `take`.
   */
  takeStart?(chunk: Buffer, format: Format, output: Output): { readonly bytes: number; readonly lines: number };
  /**
   * Called after the last tuple. It yields now and then, and what it has put out by then is written before it goes on: a
   * result with millions of keys is never held whole.
   */
  finish?(output: Output): Iterable<unknown>;
  /** What it remembers and that belongs to no key. */
  readonly shared?: {
    write(writer: ByteWriter): void;
    /** Is given exactly what `write` wrote, in a new process, before any tuple. */
    read(reader: ByteReader): void;
  };
  /** What it remembers of each key. */
  readonly keyed?: KeyedEntries;
}

/** The entries of a state, in an order that `read` keeps: what is put out later must not differ. */
export interface KeyedEntries {
  /** Calls `entry` for each key; the value is what `writeValue` writes to the state's writer. A key is its bytes as Latin-1. */
  write(writer: ByteWriter, entry: (key: string, writeValue: () => void) => void): void;
  read(key: string, value: ByteReader): void;
}
