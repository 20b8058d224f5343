import type { Block } from '../block.ts';
import type { Format } from '../stage-spec.ts';
import type { Kernel } from './kernel.ts';
import { loadPiece, startOf } from './piece.ts';

/** The longest text that the kernel looks for. */
export const MAX_TEXT_BYTES = 4096;

/** Below this, a search for each hit is faster than the calls that copy. */
export const MIN_KEEP_BYTES = 1024;

/** Those tuples that hold the text, one behind the other. Valid until the kernel's next call. */
interface Kept {
  /** The number behind the last tuple looked at: `first` itself where that tuple is longer than a piece. */
  readonly next: number;
  readonly bytes: Buffer;
}

/** What was looked at of a chunk: whole tuples. */
export interface Handled {
  readonly bytes: number;
  /** Newlines in them. */
  readonly lines: number;
}

/**
 * Looks at the tuples at the start of a chunk, which begins with one, without finding first where each of them ends; `use` gets
 * those that hold the text, valid during the call. `text`: 1 to `MAX_TEXT_BYTES` bytes, none of them a newline. What is left is
 * the start of a tuple, or begins with one that is longer than a piece.
 */
export function keepFromStart(kernel: Kernel, chunk: Buffer, format: Format, text: Buffer, use: (tuples: Buffer) => void): Handled {
  const { IN, NEEDLE, OUT, PIECE_BYTES, RESULTS } = kernel.areas;
  const { bytes, calls, words } = kernel;
  bytes.set(text, NEEDLE);
  let lines = 0;
  for (let at = 0; ; ) {
    const length = chunk.copy(bytes, IN, at, Math.min(at + PIECE_BYTES, chunk.length));
    if (length === 0) return { bytes: at, lines };
    const kept = format === 'csv' ? calls.keepFromCsv(length, text.length) : calls.keepFromLines(length, text.length);
    const behind = words[RESULTS / 4 + 3] as number;
    if (behind === 0) return { bytes: at, lines };
    if (kept > 0) use(bytes.subarray(OUT, OUT + kept));
    at += behind;
    lines += words[RESULTS / 4 + 4] as number;
  }
}

/** Looks at tuples of a block from number `first` on, as many as fit into a piece. `text`: 1 to `MAX_TEXT_BYTES` bytes. */
export function keepPiece(kernel: Kernel, block: Block, first: number, text: Buffer): Kept {
  const { NEEDLE, OUT } = kernel.areas;
  const { bytes } = kernel;
  const next = loadPiece(kernel, block, first);
  if (next === first) return { next, bytes: bytes.subarray(OUT, OUT) };
  bytes.set(text, NEEDLE);
  const length = kernel.calls.keepWith(next - first, startOf(block, first), text.length);
  return { next, bytes: bytes.subarray(OUT, OUT + length) };
}
