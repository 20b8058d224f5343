import { RainstormError } from '../base/errors.ts';
import type { Block } from './block.ts';
import { RecordScanner } from './record-scanner.ts';
import type { Format } from './stage-spec.ts';

const NEWLINE = 0x0a;

/** First size of the buffer for a tuple that is not complete: more than most tuples, little enough for 256 tasks. */
const MIN_CARRY_BYTES = 4 * 1024;
/** A larger buffer, left over from a long tuple, is given back: tasks are many and long tuples rare. */
const MAX_IDLE_CARRY_BYTES = 256 * 1024;

export interface BlockSplitterOptions {
  readonly format: Format;
  /** The longest tuple taken, its newline not counted. */
  readonly maxTupleBytes: number;
  /** Where the bytes come from, for messages: a file's path, or `stage 2, grep`. */
  readonly where: string;
  /** The number of the line that the stream begins on, where it is the rest of another; by default 1. */
  readonly line?: number | undefined;
}

/**
 * Cuts a stream of bytes into blocks of whole tuples, wherever the chunks are cut. Every byte passes unchanged.
 *
 * A block is a view of the chunk when the chunk began with a tuple, and one copy otherwise. The start of a tuple whose end
 * has not come is kept in a buffer that doubles, so a long tuple in small chunks costs time linear in its length.
 * Chunks handed in belong to the splitter and its blocks: nobody may write into them again.
 */
export class BlockSplitter {
  readonly #scanner: RecordScanner;
  readonly #maxTupleBytes: number;
  readonly #where: string;
  #carry = Buffer.alloc(0);
  #carryBytes = 0;
  /** The line on which the tuple being carried began. */
  #carryLine: number;

  constructor(options: BlockSplitterOptions) {
    this.#scanner = new RecordScanner(options.format, options.line);
    this.#carryLine = this.#scanner.line;
    this.#maxTupleBytes = options.maxTupleBytes;
    this.#where = options.where;
  }

  /** The line on which the tuple begins that comes next. */
  get nextLine(): number {
    return this.#carryLine;
  }

  /** A tuple has begun whose end has not come. */
  get inTuple(): boolean {
    return this.#carryBytes > 0;
  }

  /** The start of the tuple whose end has not come; valid until the next `push`. */
  get carried(): Buffer {
    return this.#carry.subarray(0, this.#carryBytes);
  }

  /** The tuples that ended in this chunk, or undefined when none did. Throws TUPLE_TOO_LONG. */
  push(chunk: Buffer): Block | undefined {
    const firstLine = this.#scanner.line;
    const count = this.#scanner.scan(chunk);
    if (this.#carryBytes === 0) this.#carryLine = firstLine;
    if (this.#carryBytes + chunk.length > this.#maxTupleBytes) this.#checkLengths(chunk);
    if (count === 0) {
      this.#keep(chunk);
      return undefined;
    }
    const ends = this.#scanner.ends.slice();
    const end = ends[count - 1] ?? 0;
    const carryBytes = this.#carryBytes;
    const bytes = carryBytes === 0 ? chunk.subarray(0, end) : this.#complete(chunk, end);
    if (carryBytes > 0) for (let i = 0; i < count; i++) ends[i] = (ends[i] ?? 0) + carryBytes;
    this.#carryLine = this.#lineBehind(chunk, end);
    this.#keep(chunk.subarray(end));
    return { bytes, count, ends };
  }

  /** The last tuple, completed by a newline, when the stream did not end in one. Throws UNCLOSED_QUOTE; call it once. */
  end(): Block | undefined {
    const quoteLine = this.#scanner.openQuoteLine;
    if (quoteLine !== undefined) {
      throw new RainstormError('UNCLOSED_QUOTE', `${this.#where}: the quote opened on line ${quoteLine} is never closed`, {
        hint: 'Close the quote, or use --format lines, which reads quotes as ordinary characters.',
      });
    }
    if (this.#carryBytes === 0) return undefined;
    const bytes = this.#complete(Buffer.of(NEWLINE), 1);
    return { bytes, count: 1, ends: Uint32Array.of(bytes.length) };
  }

  /** Adds the start of a tuple to what is carried. */
  #keep(part: Buffer): void {
    if (part.length === 0) return;
    const bytes = this.#carryBytes + part.length;
    if (bytes > this.#carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#carry.length * 2, MIN_CARRY_BYTES));
      this.#carry.copy(larger, 0, 0, this.#carryBytes);
      this.#carry = larger;
    }
    part.copy(this.#carry, this.#carryBytes);
    this.#carryBytes = bytes;
  }

  /** What is carried, followed by the chunk up to `end`; nothing is carried afterwards. */
  #complete(chunk: Buffer, end: number): Buffer {
    const length = this.#carryBytes + end;
    const carry = this.#carry;
    // A long tuple's buffer becomes the block itself instead of being copied once more, unless much of it is empty.
    const reuse = length <= carry.length && length > MIN_CARRY_BYTES && length >= carry.length / 2;
    const bytes = reuse ? carry.subarray(0, length) : Buffer.allocUnsafe(length);
    if (!reuse) carry.copy(bytes, 0, 0, this.#carryBytes);
    chunk.copy(bytes, this.#carryBytes, 0, end);
    if (reuse || carry.length > MAX_IDLE_CARRY_BYTES) this.#carry = Buffer.alloc(0);
    this.#carryBytes = 0;
    return bytes;
  }

  /** Every tuple is measured, not only the one at the edge, so that the outcome does not depend on how chunks are cut. */
  #checkLengths(chunk: Buffer): void {
    let start = -this.#carryBytes;
    for (const end of this.#scanner.ends) {
      this.#checkLength(chunk, start, end - 1);
      start = end;
    }
    this.#checkLength(chunk, start, chunk.length, this.#scanner.openQuoteLine);
  }

  #checkLength(chunk: Buffer, start: number, end: number, quoteLine?: number): void {
    if (end - start <= this.#maxTupleBytes) return;
    const line = start < 0 ? this.#carryLine : this.#lineBehind(chunk, start);
    const cause = quoteLine === undefined ? 'a newline is missing' : `the quote opened on line ${quoteLine} is not closed`;
    throw new RainstormError(
      'TUPLE_TOO_LONG',
      `${this.#where}: the tuple that begins on line ${line} is longer than ${this.#maxTupleBytes} bytes`,
      { hint: `If tuples of that length are meant, allow more with --max-tuple; else ${cause}.` },
    );
  }

  /** The number of the line that begins at `offset` of the chunk scanned last. */
  #lineBehind(chunk: Buffer, offset: number): number {
    let line = this.#scanner.line;
    for (let i = chunk.indexOf(NEWLINE, offset); i !== -1; i = chunk.indexOf(NEWLINE, i + 1)) line--;
    return line;
  }
}
