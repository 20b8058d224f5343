import type { Block } from '../block.ts';
import type { ColumnChoice } from './column-choice.ts';
import type { Kernel } from './kernel.ts';
import { loadPiece, startOf } from './piece.ts';

/** Below this, field by field is faster than the calls that copy. */
export const MIN_EXTRACT_BYTES = 1024;

/** The rows of some tuples, one behind the other. Valid until the kernel's next call. */
interface Extracted {
  /** The number behind the last tuple written: `first` itself where that tuple, or its row, is longer than the kernel has room for. */
  readonly next: number;
  readonly bytes: Buffer;
}

/**
 * Writes the chosen columns of tuples of a block from number `first` on as CSV rows, as many as there is room for. A row ends
 * as its tuple does; a column that is not there is empty. The choice must be one that `canTakeColumns`.
 */
export function extractPiece(kernel: Kernel, block: Block, first: number, choice: ColumnChoice): Extracted {
  const { COLUMNS, OUT, RESULTS } = kernel.areas;
  const { bytes, words } = kernel;
  const loaded = loadPiece(kernel, block, first);
  if (loaded === first) return { next: first, bytes: bytes.subarray(OUT, OUT) };
  const { columns, last, repeats } = choice;
  words.set(columns, COLUMNS / 4);
  const written = kernel.calls.extractColumns(loaded - first, startOf(block, first), columns.length, last, repeats);
  return { next: first + written, bytes: bytes.subarray(OUT, OUT + (words[RESULTS / 4] as number)) };
}
