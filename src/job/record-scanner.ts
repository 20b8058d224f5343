/**
 * Finds where tuples end in a stream of bytes that comes in chunks of any size.
 *
 * `lines`: every newline ends a tuple. `csv`: a newline inside quotes does not. There a quote opens a field only as its
 * first byte, `""` inside is a literal quote, and whatever stands between the closing quote and the comma is literal, so
 * `5" pipe` and `"a"b"c` have no open quote. Every other byte, NUL, CR and invalid UTF-8 included, is content.
 *
 * `Buffer.indexOf` of one byte runs at several GB/s, a loop over bytes in JavaScript below one; so even CSV hops from
 * quote to quote and newline to newline. What is open at a chunk's end is one of the states below, which the kernel has too
 * (`kernel/assembly/scan.ts`): it reads all but short chunks.
 */
import { type Kernel, kernelFor } from './kernel/kernel.ts';
import type { Format } from './stage-spec.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

const AT_FIELD_START = 0;
const IN_FIELD = 1;
const IN_QUOTES = 2;
/** A quote inside quotes was the chunk's last byte: the next one tells whether it closes the field or is half of a `""`. */
const AT_QUOTE_IN_QUOTES = 3;

type State = typeof AT_FIELD_START | typeof IN_FIELD | typeof IN_QUOTES | typeof AT_QUOTE_IN_QUOTES;

/** What the kernel says instead of a line where no quote opened. */
const NOT_OPENED = 0xffffffff;

/** Ends of an ordinary 64 KiB chunk; grows to the number that a chunk has. */
const INITIAL_ENDS = 4096;

/** Below this, hopping is faster than the calls that copy into the kernel's memory. */
const MIN_KERNEL_BYTES = 256;

export class RecordScanner {
  readonly #csv: boolean;
  #state: State = AT_FIELD_START;
  #line: number;
  #quoteLine: number;
  #ends = new Uint32Array(INITIAL_ENDS);
  #count = 0;

  /** `line`: the number of the line that the first byte belongs to. */
  constructor(format: Format, line = 1) {
    this.#csv = format === 'csv';
    this.#line = line;
    this.#quoteLine = line;
  }

  /** Offsets just behind the newline of each tuple that ended in the chunk scanned last. Valid until the next `scan`. */
  get ends(): Uint32Array {
    return this.#ends.subarray(0, this.#count);
  }

  /** 1-based number of the line that the next byte belongs to, counted in newlines, those inside quotes included. */
  get line(): number {
    return this.#line;
  }

  /** The line on which the quote that is still open was opened, or undefined when none is. Always undefined for `lines`. */
  get openQuoteLine(): number | undefined {
    return this.#state === IN_QUOTES ? this.#quoteLine : undefined;
  }

  /** Reads on; gives the number of tuples that ended in this chunk. */
  scan(chunk: Buffer): number {
    this.#count = 0;
    if (chunk.length === 0) return 0;
    const kernel = kernelFor(chunk.length, MIN_KERNEL_BYTES);
    if (kernel !== undefined) this.#scanByKernel(kernel, chunk);
    else if (this.#csv) this.#scanCsv(chunk);
    else this.#scanLines(chunk);
    return this.#count;
  }

  #scanByKernel(kernel: Kernel, chunk: Buffer): void {
    const { ENDS, IN, PIECE_BYTES, RESULTS } = kernel.areas;
    const { bytes, calls, words } = kernel;
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const length = chunk.copy(bytes, IN, start, Math.min(start + PIECE_BYTES, chunk.length));
      const count = this.#csv ? calls.scanCsv(length, start, this.#state) : calls.scanLines(length, start);
      this.#reserve(count);
      this.#ends.set(words.subarray(ENDS / 4, ENDS / 4 + count), this.#count);
      this.#count += count;
      if (!this.#csv) {
        this.#line += count;
        continue;
      }
      const [state = 0, newlines = 0, openedBehind = 0] = words.subarray(RESULTS / 4, RESULTS / 4 + 3);
      this.#state = state as State;
      if (openedBehind !== NOT_OPENED) this.#quoteLine = this.#line + openedBehind;
      this.#line += newlines;
    }
  }

  #scanLines(chunk: Buffer): void {
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, newline + 1)) {
      this.#addEnd(newline + 1);
    }
    this.#line += this.#count;
  }

  #scanCsv(chunk: Buffer): void {
    const length = chunk.length;
    // Only for a quote that is the chunk's first byte; for any other one the byte before it says whether it opens a field.
    const atFieldStart = this.#state === AT_FIELD_START;
    const isPair = this.#state === AT_QUOTE_IN_QUOTES && chunk[0] === QUOTE;
    let inQuotes = this.#state === IN_QUOTES || isPair;
    let quote = nextOf(chunk, QUOTE, isPair ? 1 : 0);
    let newline = nextOf(chunk, NEWLINE, 0);
    for (;;) {
      if (inQuotes) {
        if (quote + 1 >= length) break;
        if (chunk[quote + 1] === QUOTE) {
          quote = nextOf(chunk, QUOTE, quote + 2);
          continue;
        }
        newline = this.#skipNewlines(chunk, newline, quote);
        inQuotes = false;
      } else {
        newline = this.#endTuples(chunk, newline, quote);
        if (quote === length) break;
        inQuotes = quote === 0 ? atFieldStart : startsField(chunk[quote - 1]);
        if (inQuotes) this.#quoteLine = this.#line;
      }
      quote = nextOf(chunk, QUOTE, quote + 1);
    }
    if (inQuotes) {
      this.#skipNewlines(chunk, newline, length);
      this.#state = quote < length ? AT_QUOTE_IN_QUOTES : IN_QUOTES;
    } else {
      this.#state = startsField(chunk[length - 1]) ? AT_FIELD_START : IN_FIELD;
    }
  }

  /** Ends a tuple at each newline from `newline` up to `to`; gives the next newline at or behind it. */
  #endTuples(chunk: Buffer, newline: number, to: number): number {
    let next = newline;
    while (next < to) {
      this.#line++;
      this.#addEnd(next + 1);
      next = nextOf(chunk, NEWLINE, next + 1);
    }
    return next;
  }

  /** Counts the newlines inside quotes up to `to`; gives the next one at or behind it. */
  #skipNewlines(chunk: Buffer, newline: number, to: number): number {
    let next = newline;
    while (next < to) {
      this.#line++;
      next = nextOf(chunk, NEWLINE, next + 1);
    }
    return next;
  }

  #addEnd(end: number): void {
    if (this.#count === this.#ends.length) this.#reserve(1);
    this.#ends[this.#count++] = end;
  }

  /** Makes room for so many more ends. */
  #reserve(count: number): void {
    if (this.#count + count <= this.#ends.length) return;
    const larger = new Uint32Array(Math.max(this.#ends.length * 2, this.#count + count));
    larger.set(this.#ends.subarray(0, this.#count));
    this.#ends = larger;
  }
}

function startsField(before: number | undefined): boolean {
  return before === COMMA || before === NEWLINE;
}

/** The offset of `byte` at or after `from`, or the chunk's length. */
function nextOf(chunk: Buffer, byte: number, from: number): number {
  const found = chunk.indexOf(byte, from);
  return found === -1 ? chunk.length : found;
}
