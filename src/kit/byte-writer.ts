import { enlarged } from './enlarged.ts';

/** First size of the buffer: the state of most operators that have one. It doubles as it grows. */
const INITIAL_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;
const DOUBLE_BYTES = 8;

/** Puts together the bytes of a state. Numbers are little-endian. */
export class ByteWriter {
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** `value`: 0 to 2^32 - 1. */
  uint32(value: number): void {
    this.#reserve(LENGTH_BYTES);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  /** Any number, exactly as it is: the sign of a zero is kept. */
  double(value: number): void {
    this.#reserve(DOUBLE_BYTES);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** Bytes as they are, without their length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Bytes behind their length. */
  bytes(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.raw(bytes);
  }

  /** A string whose characters stand for one byte each, behind its length. */
  latin1(text: string): void {
    this.uint32(text.length);
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  /** Whatever `write` writes, behind its length. */
  measured(write: () => void): void {
    this.uint32(0);
    const start = this.#length;
    write();
    this.#buffer.writeUInt32LE(this.#length - start, start - LENGTH_BYTES);
  }

  /** All that was written, once; nothing may be written afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > this.#buffer.length) this.#buffer = enlarged(this.#buffer, this.#length, bytes, INITIAL_BYTES);
  }
}
