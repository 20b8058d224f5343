import type { Block } from '../job/block.ts';
import { BlockSplitter } from '../job/block-splitter.ts';
import { rangeBytesOf } from '../job/file-range.ts';
import { measureTuples } from '../job/measure-tuples.ts';
import { endOf, sliceBlock } from '../job/slice-block.ts';
import { BYTE_ORDER_MARK } from './byte-order-mark.ts';
import type { FileReader, TuplePlace } from './file-reader.ts';
import { MeasuredBlock } from './measured-block.ts';
import type { FileEntry } from './find-files.ts';
import { OpenFile } from './open-file.ts';
import type { TupleReaderOptions } from './tuple-reader.ts';

/**
 * An ordinary file as blocks that say where they stand (FR1): each ends behind the last tuple that ends before the next multiple
 * of `rangeBytesOf`. What is left there is read again with the next one, which is cheaper than to carry it along. All reads go
 * into one buffer. A last tuple without newline is a block of its own.
 */
export class RangeReader implements FileReader {
  readonly #file: FileEntry;
  readonly #index: number;
  readonly #open: OpenFile;
  readonly #options: Omit<TupleReaderOptions, 'where'>;
  readonly #rangeBytes: number;
  readonly #buffer: Buffer;
  #offsetBytes: number;
  #line: number;
  #header: Buffer | undefined;
  #headerDue: boolean;

  /** `index`: of the file in its source. */
  constructor(file: FileEntry, index: number, options: Omit<TupleReaderOptions, 'where'>) {
    this.#file = file;
    this.#index = index;
    this.#open = new OpenFile(file.path);
    this.#rangeBytes = rangeBytesOf(file.bytes);
    this.#buffer = Buffer.allocUnsafeSlow(this.#rangeBytes + this.#rangeBytes / 2);
    this.#options = options;
    this.#offsetBytes = options.from?.offsetBytes ?? 0;
    this.#line = options.from?.line ?? 1;
    this.#headerDue = options.header && this.#offsetBytes === 0;
  }

  get place(): TuplePlace {
    return { offsetBytes: this.#offsetBytes, line: this.#line };
  }

  get doneBytes(): number {
    return Math.min(this.#offsetBytes, this.#file.bytes);
  }

  get header(): Buffer | undefined {
    return this.#header;
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  async read(): Promise<Block | undefined> {
    if (this.#headerDue) await this.#skipMark();
    if (this.#offsetBytes >= this.#file.bytes) return undefined;
    return (await this.#measure()) ?? this.#split();
  }

  /**
   * What there nearly always is: tuples end in the stretch, which is no longer than one of them may be, and nobody needs to know
   * where each of them does. Undefined where it has to be looked at closely.
   */
  async #measure(): Promise<Block | undefined> {
    if (this.#headerDue || this.#options.maxTupleBytes < this.#buffer.length) return undefined;
    const cut = this.#nextCut(this.#offsetBytes);
    const nearBytes = cut - this.#offsetBytes;
    // Behind another range this is the start of one tuple, which ends behind the cut: both are read at once.
    const bytes = await this.#bytes(this.#offsetBytes, nearBytes < this.#rangeBytes / 2 ? this.#nextCut(cut) : cut);
    if (bytes === undefined) return undefined;
    const { format } = this.#options;
    const near = measureTuples(bytes.subarray(0, nearBytes), format);
    const measure = near.count > 0 || bytes.length === nearBytes ? near : measureTuples(bytes, format);
    if (measure.count === 0) return undefined;
    const range = { file: this.#index, offsetBytes: this.#offsetBytes, bytes: measure.bytes, newline: false };
    this.#offsetBytes += measure.bytes;
    this.#line += measure.lines;
    return new MeasuredBlock(bytes.subarray(0, measure.bytes), measure.count, range, this.#options.format);
  }

  async #split(): Promise<Block | undefined> {
    const splitter = new BlockSplitter({ ...this.#options, where: this.#file.path, line: this.#line });
    let readTo = this.#offsetBytes;
    let block: Block | undefined;
    while (block === undefined && readTo < this.#file.bytes) {
      const to = this.#nextCut(readTo);
      const bytes = await this.#bytes(readTo, to);
      if (bytes === undefined) return undefined;
      block = splitter.push(bytes);
      readTo = to;
    }
    return this.#hand(block ?? splitter.end(), splitter);
  }

  /** Where the next range ends at the latest. */
  #nextCut(offsetBytes: number): number {
    return Math.min(this.#file.bytes, (Math.floor(offsetBytes / this.#rangeBytes) + 1) * this.#rangeBytes);
  }

  /** Moves on behind the block, which begins where reading stood. */
  #hand(block: Block | undefined, splitter: BlockSplitter): Block | undefined {
    if (block === undefined) return undefined;
    const { length } = block.bytes;
    const newline = this.#offsetBytes + length > this.#file.bytes;
    const whole = { ...block, range: { file: this.#index, offsetBytes: this.#offsetBytes, bytes: newline ? length - 1 : length, newline } };
    this.#offsetBytes += length;
    this.#line = splitter.nextLine;
    return this.#headerDue ? this.#takeHeader(whole) : whole;
  }

  #takeHeader(block: Required<Block>): Block {
    this.#headerDue = false;
    const headerBytes = endOf(block, 1);
    this.#header = Buffer.from(block.bytes.subarray(0, headerBytes - 1));
    const { offsetBytes, bytes } = block.range;
    return { ...sliceBlock(block, 1, block.count), range: { ...block.range, offsetBytes: offsetBytes + headerBytes, bytes: bytes - headerBytes } };
  }

  async #skipMark(): Promise<void> {
    const { length } = BYTE_ORDER_MARK;
    if (this.#offsetBytes > 0 || this.#file.bytes < length) return;
    if ((await this.#bytes(0, length))?.equals(BYTE_ORDER_MARK) === true) this.#offsetBytes = length;
  }

  /** The bytes of a stretch, which is no longer than a range and a half, valid until the next call; undefined once it is closed. Throws what reading fails with. */
  async #bytes(from: number, to: number): Promise<Buffer | undefined> {
    const stretch = this.#buffer.subarray(0, to - from);
    const bytes = await this.#open.read(stretch, from);
    if (bytes === undefined) return undefined;
    if (bytes < stretch.length) throw new Error(`it has become shorter than the ${this.#file.bytes} bytes that it had when the job began`);
    return stretch;
  }
}
