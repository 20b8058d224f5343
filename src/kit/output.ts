import { quoteField } from '../job/csv-field.ts';
import { enlarged } from './enlarged.ts';
import { encodeText } from './escaped-text.ts';

const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** First size of the buffer; about what one chunk of input makes. */
const INITIAL_BYTES = 128 * 1024;
/** Below this, a loop is faster than the call that copies. */
const SHORT_COPY_BYTES = 24;

const NEEDS_QUOTES = /[",\n\r]/;

/** A field of a row: text, a number as JavaScript writes it, or the bytes of a value. */
export type Field = string | number | bigint | Uint8Array;

/** What an operator puts out, gathered so that it is written in large pieces. */
export class Output {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a text, or bytes, and a newline. */
  line(text: string | Uint8Array): void {
    if (typeof text === 'string') this.text(text);
    else this.bytes(text);
    this.newline();
  }

  /** Appends a CSV record: fields in quotes where they need them, commas, a newline. */
  fields(values: readonly Field[]): void {
    let first = true;
    for (const value of values) {
      if (!first) this.byte(COMMA);
      first = false;
      if (typeof value === 'string') this.#field(value);
      else if (value instanceof Uint8Array) this.bytes(quoteField(Buffer.from(value.buffer, value.byteOffset, value.length)));
      else this.latin1(String(value));
    }
    this.newline();
  }

  /** Appends a text as UTF-8; bytes that were read from a tuple and are not UTF-8 come out as they were. */
  text(text: string): void {
    if (text.isWellFormed()) this.utf8(text);
    else this.bytes(encodeText(text));
  }

  /** Appends `source[start..end)`. */
  bytes(source: Uint8Array, start = 0, end = source.length): void {
    const length = end - start;
    this.#reserve(length);
    if (length < SHORT_COPY_BYTES) {
      const buffer = this.#buffer;
      let at = this.#length;
      for (let i = start; i < end; i++) buffer[at++] = source[i] ?? 0;
    } else {
      this.#buffer.set(source.subarray(start, end), this.#length);
    }
    this.#length += length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  newline(): void {
    this.byte(NEWLINE);
  }

  /** Appends a string whose characters stand for one byte each. */
  latin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  utf8(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** Everything appended since the last call, for the caller to keep; empty when there is nothing. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length);
    // The rest of a large buffer serves the next output; what was handed out is not written again.
    this.#buffer = this.#buffer.subarray(this.#length);
    this.#length = 0;
    return bytes;
  }

  #field(text: string): void {
    if (NEEDS_QUOTES.test(text)) this.text(`"${text.replaceAll('"', '""')}"`);
    else this.text(text);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > this.#buffer.length) this.#buffer = enlarged(this.#buffer, this.#length, bytes, INITIAL_BYTES);
  }
}
