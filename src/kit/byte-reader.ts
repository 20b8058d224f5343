import { RainstormError } from '../base/errors.ts';

const LENGTH_BYTES = 4;
const DOUBLE_BYTES = 8;

/** Reads what a `ByteWriter` wrote. Every method throws PROTOCOL where the bytes end too early. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(LENGTH_BYTES));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(DOUBLE_BYTES));
  }

  /** A view of so many bytes. */
  raw(length: number): Buffer {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A view of the bytes behind their length. */
  bytes(): Buffer {
    return this.raw(this.uint32());
  }

  latin1(): string {
    return this.bytes().toString('latin1');
  }

  /** All that is left, as a view. */
  rest(): Buffer {
    return this.raw(this.#bytes.length - this.#at);
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new RainstormError('PROTOCOL', 'the state to begin with ends in the middle');
    this.#at += length;
    return start;
  }
}
