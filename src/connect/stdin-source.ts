import type { Readable } from 'node:stream';
import { invariant, RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { Block } from '../job/block.ts';
import type { Format } from '../job/stage-spec.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { Source, SourceProgress } from './source.ts';
import { StreamChunks } from './stream-chunks.ts';
import { TupleReader } from './tuple-reader.ts';

export interface StdinOptions {
  readonly format: Format;
  /** True: the first record is a header and no tuple. */
  readonly header: boolean;
  readonly maxTupleBytes: number;
}

/** The tuples of a stream that can be read only once. The planner may look at its first record before the job starts. */
export class StdinSource implements Source {
  readonly #chunks: RereadableChunks;
  #reader: TupleReader | undefined;
  #peeking: TupleReader | undefined;
  #closed = false;

  /** `stream`: `process.stdin`, or anything like it without an encoding. Nothing is read before it is asked for. */
  constructor(stream: Readable) {
    this.#chunks = new RereadableChunks(new StreamChunks(stream));
  }

  /**
   * The first record without its newline and without a byte order mark, undefined when there is none; it stays to be read.
   * Reads no further than that record's end, give or take a chunk. Not after `start`.
   */
  async peekRecord(options: Omit<StdinOptions, 'header'>): Promise<Buffer | undefined> {
    invariant(this.#reader === undefined, 'stdin is looked at before it is started');
    const reader = new TupleReader(this.#chunks, { ...options, header: true, where: 'stdin' });
    this.#peeking = reader;
    await this.#read(reader);
    this.#chunks.rewind();
    return reader.header;
  }

  /** Says how to read; once, before the first `read`. */
  start(options: StdinOptions): void {
    invariant(this.#reader === undefined, 'stdin is started once');
    this.#chunks.forget();
    this.#reader = new TupleReader(this.#chunks, { ...options, where: 'stdin' });
  }

  async read(): Promise<Block | undefined> {
    invariant(this.#reader !== undefined, 'stdin is started before it is read');
    for (;;) {
      const block = await this.#read(this.#reader);
      if (block === undefined || this.#closed) return undefined;
      if (block.count > 0) return block;
    }
  }

  position(): undefined {
    return undefined;
  }

  progress(): SourceProgress {
    return { doneBytes: this.#chunks.doneBytes, totalBytes: undefined };
  }

  /** Destroys the stream, which would otherwise keep the process running. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#peeking?.close();
    await this.#reader?.close();
    await this.#chunks.close();
  }

  async #read(reader: TupleReader): Promise<Block | undefined> {
    try {
      return await reader.read();
    } catch (error) {
      if (error instanceof RainstormError) throw error;
      throw new RainstormError('SOURCE_FAILED', `cannot read stdin: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** Chunks that are kept until `forget`, and read again from the first one after `rewind`. */
class RereadableChunks implements ChunkReader {
  readonly #chunks: ChunkReader;
  #kept: Buffer[] = [];
  #position = 0;
  #keeping = true;

  constructor(chunks: ChunkReader) {
    this.#chunks = chunks;
  }

  get doneBytes(): number {
    return this.#chunks.doneBytes;
  }

  async next(): Promise<Buffer | undefined> {
    const kept = this.#kept[this.#position];
    if (kept !== undefined) {
      this.#position++;
      if (!this.#keeping && this.#position === this.#kept.length) this.#kept = [];
      return kept;
    }
    const chunk = await this.#chunks.next();
    if (chunk !== undefined && this.#keeping) {
      this.#kept.push(chunk);
      this.#position++;
    }
    return chunk;
  }

  rewind(): void {
    this.#position = 0;
  }

  /** What is kept is read once more from the first chunk, and nothing is kept from now on. */
  forget(): void {
    this.rewind();
    this.#keeping = false;
  }

  async close(): Promise<void> {
    this.#kept = [];
    await this.#chunks.close();
  }
}
