import { closeSync, openSync, readSync } from 'node:fs';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { MAX_RANGE_BYTES } from '../job/file-range.ts';
import type { InputRange } from './control-parser.ts';

/**
 * A range is read in pieces, so that a long tuple, which makes a long range, takes no more memory than in a pipe, and that the
 * output of a slow operator is seen sooner. One that wants to have whole tuples gets an ordinary range as one.
 */
const PIECE_BYTES = 256 * 1024;

const NEWLINE = Buffer.from('\n');

/** The files in which input stands; the one that was read last stays open. */
export class InputFiles {
  readonly #pieceBytes: number;
  #buffer: Buffer | undefined;
  #open: { readonly path: string; readonly fd: number } | undefined;

  constructor(wholeRanges: boolean) {
    this.#pieceBytes = wholeRanges ? MAX_RANGE_BYTES : PIECE_BYTES;
  }

  /** The bytes of a range in pieces, each of them valid until the next. Throws SOURCE_FAILED. */
  *read({ path, offset, bytes, newline }: InputRange): Generator<Buffer, void, undefined> {
    for (let done = 0; done < bytes; ) {
      const piece = this.#read(path, offset + done, Math.min(this.#pieceBytes, bytes - done));
      done += piece.length;
      yield piece;
    }
    if (newline) yield NEWLINE;
  }

  #read(path: string, offset: number, length: number): Buffer {
    const buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(this.#pieceBytes));
    const bytes = failing(path, () => readSync(this.#fd(path), buffer, 0, length, offset));
    if (bytes === 0) throw new RainstormError('SOURCE_FAILED', `${path} has become shorter while it was read`);
    return buffer.subarray(0, bytes);
  }

  #fd(path: string): number {
    if (this.#open?.path !== path) {
      if (this.#open !== undefined) closeSync(this.#open.fd);
      this.#open = { path, fd: openSync(path, 'r') };
    }
    return this.#open.fd;
  }
}

function failing<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new RainstormError('SOURCE_FAILED', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}
