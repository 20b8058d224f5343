import { isAscii, isUtf8 } from 'node:buffer';
import type { Block } from '../../src/job/block.ts';
import type { Output } from '../../src/kit/output.ts';

/**
 * Tuples as text, for regular expressions. A tuple of valid UTF-8 is decoded as that, any other as Latin-1, one character
 * for each byte, so that both come back as the bytes they were. Which of the two is decided for each tuple by itself, since
 * a block's other tuples depend on how the stream was cut.
 */
export class TupleText {
  #block: Block = { bytes: Buffer.alloc(0), count: 0, ends: new Uint32Array() };
  /** The whole block, when every byte of it is one character in both encodings. */
  #ascii: string | undefined;
  #allUtf8 = false;
  /** Whether the tuple read last is UTF-8; if not, a text made from it has to be written as Latin-1. */
  isUtf8 = true;

  load(block: Block): void {
    this.#block = block;
    this.#ascii = isAscii(block.bytes) ? block.bytes.toString('latin1') : undefined;
    this.#allUtf8 = this.#ascii !== undefined || isUtf8(block.bytes);
  }

  /** The tuple at `bytes[start..end)` of the block loaded last. */
  read(start: number, end: number): string {
    this.isUtf8 = true;
    if (this.#ascii !== undefined) return this.#ascii.slice(start, end);
    const tuple = this.#block.bytes.subarray(start, end);
    this.isUtf8 = this.#allUtf8 || isUtf8(tuple);
    return tuple.toString(this.isUtf8 ? 'utf8' : 'latin1');
  }

  /** Writes a text made from the tuple read last. */
  write(text: string, output: Output): void {
    if (this.isUtf8) output.utf8(text);
    else output.latin1(text);
  }
}
