import type { Block } from '../block.ts';
import type { ColumnChoice } from './column-choice.ts';
import type { Kernel } from './kernel.ts';
import { loadPiece, startOf } from './piece.ts';

/** Below this, field by field is faster than the calls that copy. */
export const MIN_LOCATE_BYTES = 1024;

/** Where a column is said to begin and to end that `locateField` has to look for: it is missing, or escaped, or nearly so. */
export const NOWHERE = 0xffff_ffff;

/** Where columns stand in some tuples. Valid until the kernel's next call. */
interface Located {
  /** The number behind the last tuple looked at: `first` itself where that tuple is longer than a piece. */
  readonly next: number;
  /** For each tuple and each column, in the order of the choice: where its value begins and ends in the block. */
  readonly spans: Uint32Array;
}

/** Looks for the chosen columns of tuples of a block from number `first` on, as many as there is room for. The choice must be one that `canTakeColumns`. */
export function locatePiece(kernel: Kernel, block: Block, first: number, { columns, last }: ColumnChoice): Located {
  const { COLUMNS, OUT, RESULTS } = kernel.areas;
  const { words } = kernel;
  const loaded = loadPiece(kernel, block, first);
  if (loaded === first) return { next: first, spans: words.subarray(OUT / 4, OUT / 4) };
  words.set(columns, COLUMNS / 4);
  const count = kernel.calls.locateColumns(loaded - first, startOf(block, first), columns.length, last);
  return { next: first + count, spans: words.subarray(OUT / 4, (OUT + (words[RESULTS / 4] as number)) / 4) };
}
