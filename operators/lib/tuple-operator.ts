import type { Block } from '../../src/job/block.ts';
import type { Output } from './output.ts';

/** What one operator does, apart from the reading, splitting and writing that all of them share. */
export interface TupleOperator {
  /** Handles the tuples of one block. `line`: the number of the input's line that the block begins on. */
  take(block: Block, output: Output, line: number): void;
  /**
   * Called after the last tuple. It yields now and then, and what it has put out by then is written before it goes on: a
   * result with millions of keys is never held whole.
   */
  finish?(output: Output): Iterable<void>;
}
