import type { Block } from '../block.ts';
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
