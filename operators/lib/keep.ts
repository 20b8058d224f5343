/** The three ways `filter` chooses tuples. What is tested is the tuple without its newline; a CR before it belongs to it. */
import { sliceBlock } from '../../src/job/slice-block.ts';
import type { Block } from '../../src/job/block.ts';
import { MAX_TEXT_BYTES, MIN_KEEP_BYTES, keepFromStart, keepPiece } from '../../src/job/kernel/keep-piece.ts';
import { type Kernel, kernelFor } from '../../src/job/kernel/kernel.ts';
import type { Output } from '../../src/kit/output.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { TupleText } from './tuple-text.ts';

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const NEWLINE = 0x0a;

const NOTHING = { bytes: 0, lines: 0 };

/** Keeps the tuples that hold a byte other than space, tab and CR. */
export function keepNotBlank(): BlockOperator {
  return keepWhere((block, start, end) => {
    let at = start;
    while (at < end && isBlank(block.bytes[at])) at++;
    return at < end;
  });
}

/** Keeps the tuples whose text matches. */
export function keepMatching(pattern: RegExp): BlockOperator {
  const text = new TupleText();
  const keep = keepWhere((_, start, end) => pattern.test(text.read(start, end)));
  return {
    take(block, output, line) {
      text.load(block);
      keep.take(block, output, line);
    },
  };
}

/** Keeps the tuples that contain these bytes, of which there is at least one. */
export function keepWithText(text: Buffer): BlockOperator {
  return {
    take(block, output) {
      const kernel = text.length > MAX_TEXT_BYTES ? undefined : kernelFor(block.bytes.length, MIN_KEEP_BYTES);
      if (kernel === undefined) copyTuplesWith(text, block, output);
      else keepByKernel(kernel, text, block, output);
    },
    takeStart(chunk, format, output) {
      const kernel = text.length > MAX_TEXT_BYTES || text.includes(NEWLINE) ? undefined : kernelFor(chunk.length, MIN_KEEP_BYTES);
      return kernel === undefined ? NOTHING : keepFromStart(kernel, chunk, format, text, (tuples) => output.bytes(tuples));
    },
  };
}

function keepByKernel(kernel: Kernel, text: Buffer, block: Block, output: Output): void {
  for (let first = 0; first < block.count; ) {
    const { next, bytes } = keepPiece(kernel, block, first, text);
    if (next > first) output.bytes(bytes);
    // A tuple that is longer than what the kernel takes is looked at alone.
    else copyTuplesWith(text, sliceBlock(block, first, first + 1), output);
    first = Math.max(next, first + 1);
  }
}

/**
 * Searches the block as a whole and then sees which tuple a hit lies in, which costs one call for each hit instead of one
 * for each tuple.
 */
function copyTuplesWith(text: Buffer, block: Block, output: Output): void {
  const { bytes, ends } = block;
  let tuple = 0;
  let hit = bytes.indexOf(text);
  while (hit !== -1) {
    while ((ends[tuple] ?? 0) <= hit) tuple++;
    const end = ends[tuple] ?? 0;
    if (hit + text.length < end) {
      output.bytes(bytes, tuple === 0 ? 0 : ends[tuple - 1], end);
      hit = bytes.indexOf(text, end);
    } else {
      // A text with a newline in it may reach beyond its tuple, where it is in none.
      hit = bytes.indexOf(text, hit + 1);
    }
  }
}

function keepWhere(isKept: (block: Block, start: number, end: number) => boolean): BlockOperator {
  return {
    take(block, output) {
      // Neighbours that are kept are copied in one piece.
      let runStart = 0;
      let start = 0;
      for (let i = 0; i < block.count; i++) {
        const end = block.ends[i] ?? 0;
        if (!isKept(block, start, end - 1)) {
          output.bytes(block.bytes, runStart, start);
          runStart = end;
        }
        start = end;
      }
      output.bytes(block.bytes, runStart, start);
    },
  };
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}
