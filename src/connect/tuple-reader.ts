import type { Block } from '../job/block.ts';
import { BlockSplitter } from '../job/block-splitter.ts';
import type { Format } from '../job/stage-spec.ts';
import { BYTE_ORDER_MARK } from './byte-order-mark.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { FileReader, TuplePlace } from './file-reader.ts';
import { endOf, sliceBlock } from '../job/slice-block.ts';

export interface TupleReaderOptions {
  readonly format: Format;
  /** True: the first record is a header, which is kept apart, and a byte order mark before it is dropped. */
  readonly header: boolean;
  readonly maxTupleBytes: number;
  /** The input's name in messages. */
  readonly where: string;
  /** Where the chunks begin: behind the header, if there is one. At the beginning of the input unless given. */
  readonly from?: TuplePlace | undefined;
}

/** One input as blocks of whole tuples, its header, if it has one, kept apart. */
export class TupleReader implements FileReader {
  readonly #chunks: ChunkReader;
  readonly #splitter: BlockSplitter;
  #headerDue: boolean;
  #header: Buffer | undefined;
  /** The input's first bytes as long as they may be the start of a byte order mark; undefined once that is decided. */
  #lead: Buffer | undefined;
  #ended = false;
  #offsetBytes: number;

  constructor(chunks: ChunkReader, options: TupleReaderOptions) {
    const { from, header } = options;
    const behindHeader = from !== undefined && from.offsetBytes > 0;
    this.#chunks = chunks;
    this.#splitter = new BlockSplitter({ ...options, line: from?.line });
    this.#offsetBytes = from?.offsetBytes ?? 0;
    this.#headerDue = header && !behindHeader;
    this.#lead = this.#headerDue ? Buffer.alloc(0) : undefined;
  }

  /** Behind the tuples read so far. */
  get place(): TuplePlace {
    return { offsetBytes: this.#offsetBytes, line: this.#splitter.nextLine };
  }

  get doneBytes(): number {
    return this.#chunks.doneBytes;
  }

  /** The header without its newline: known once the first `read` is over, undefined for an input without any record. */
  get header(): Buffer | undefined {
    return this.#header;
  }

  /** The next tuples, or undefined at the end. A block has no tuples when the header was all that the read brought. */
  async read(): Promise<Block | undefined> {
    while (!this.#ended) {
      const chunk = await this.#chunks.next();
      const block = chunk === undefined ? this.#end() : this.#push(chunk);
      if (block === undefined) continue;
      this.#offsetBytes += block.bytes.length;
      return this.#headerDue ? this.#takeHeader(block) : block;
    }
    return undefined;
  }

  /** Ends the reading early; a pending `read` gives undefined, what was read of an unfinished tuple is dropped. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#chunks.close();
  }

  #push(chunk: Buffer): Block | undefined {
    if (this.#lead === undefined) return this.#splitter.push(chunk);
    const lead = this.#lead.length === 0 ? chunk : Buffer.concat([this.#lead, chunk]);
    const undecided = lead.length < BYTE_ORDER_MARK.length && lead.equals(BYTE_ORDER_MARK.subarray(0, lead.length));
    this.#lead = undecided ? lead : undefined;
    if (undecided) return undefined;
    const marked = lead.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    if (marked) this.#offsetBytes += BYTE_ORDER_MARK.length;
    return this.#splitter.push(marked ? lead.subarray(BYTE_ORDER_MARK.length) : lead);
  }

  #end(): Block | undefined {
    if (this.#ended) return undefined;
    this.#ended = true;
    // One or two bytes of a mark and nothing else are a tuple like any other.
    if (this.#lead !== undefined) this.#splitter.push(this.#lead);
    return this.#splitter.end();
  }

  #takeHeader(block: Block): Block {
    this.#headerDue = false;
    this.#header = Buffer.from(block.bytes.subarray(0, endOf(block, 1) - 1));
    return sliceBlock(block, 1, block.count);
  }
}
