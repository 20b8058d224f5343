/**
 * A source that can be read only once, through its journal: whoever goes on with it reads the journal instead.
 *
 * JS1 A block is handed on only when it is durable in the journal.
 * JS2 The end is told only when the journal has it, and the journal gets it only when the source itself is at its end: one
 *     that was closed, or has failed, is not.
 * JS3 What is read ahead is bounded, so that a slow pipeline slows the reading down.
 */
import { invariant } from '../base/errors.ts';
import type { Block } from '../job/block.ts';
import { BlockSplitter } from '../job/block-splitter.ts';
import type { Format } from '../job/stage-spec.ts';
import type { Source, SourcePosition, SourceProgress } from './source.ts';
import type { SourceJournal } from './source-journal.ts';

/** Reading goes on while the journal is written: more than a disk writes in the time that it takes to flush what was before. */
const READ_AHEAD_BYTES = 4 * 1024 * 1024;

/** Somebody who types gives a block for each line; no more of them than this wait, whatever their size. */
const READ_AHEAD_BLOCKS = 1024;

export interface JournaledSourceOptions {
  readonly journal: SourceJournal;
  /** Undefined where the journal has all that it gave (SJ2). */
  readonly source: Source | undefined;
  /** Where to begin in the journal: behind so many bytes of tuples. */
  readonly fromBytes: number;
  readonly format: Format;
  readonly maxTupleBytes: number;
}

export class JournaledSource implements Source {
  readonly #options: JournaledSourceOptions;
  /** JS1: what can be handed on. */
  readonly #ready: Block[] = [];
  /** Of what was read and not handed on yet, durable or not. */
  #aheadBytes = 0;
  #aheadBlocks = 0;
  #handedBytes: number;
  #reading: Promise<void> | undefined;
  #ended = false;
  #closed = false;
  #failure: { readonly error: unknown } | undefined;
  /** Who waits for a block, and the reading that waits for room. */
  #wakeReader: (() => void) | undefined;
  #wakeReading: (() => void) | undefined;

  constructor(options: JournaledSourceOptions) {
    invariant(options.source !== undefined || options.journal.ended, 'SJ2: what has no end in its journal is not gone on with');
    this.#options = options;
    this.#handedBytes = options.fromBytes;
  }

  async read(): Promise<Block | undefined> {
    this.#reading ??= this.#readAhead();
    for (;;) {
      if (this.#closed) return undefined;
      const block = this.#ready.shift();
      if (block !== undefined) return this.#handOn(block);
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  /** In bytes of tuples. Lines are not counted: what is in the journal was found good when it was read. */
  position(): SourcePosition {
    return { file: 0, offsetBytes: this.#handedBytes, line: 1, identity: undefined, header: undefined };
  }

  progress(): SourceProgress {
    const { source, journal } = this.#options;
    return source?.progress() ?? { doneBytes: this.#handedBytes, totalBytes: journal.recorded.bytes };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#options.source?.close();
    await this.#reading;
  }

  /** Never rejects: `read` throws what went wrong. */
  async #readAhead(): Promise<void> {
    const { source } = this.#options;
    try {
      await (source === undefined ? this.#replay() : this.#record(source));
    } catch (error) {
      this.#fail(error);
    }
  }

  async #record(source: Source): Promise<void> {
    const { journal } = this.#options;
    while (await this.#room()) {
      const block = await source.read();
      // JS2
      if (this.#closed) return;
      if (block === undefined) {
        await journal.end();
        return this.#end();
      }
      this.#count(block);
      journal.append(block).then(() => this.#offer(block)).catch((error: unknown) => this.#fail(error));
    }
  }

  async #replay(): Promise<void> {
    const { journal, fromBytes, format, maxTupleBytes } = this.#options;
    const splitter = new BlockSplitter({ format, maxTupleBytes, where: 'the journal of the source' });
    for await (const bytes of journal.read(fromBytes)) {
      if (!(await this.#room())) return;
      const block = splitter.push(bytes);
      invariant(block !== undefined && !splitter.inTuple, 'SJ1: a journal holds blocks of whole tuples');
      this.#count(block);
      this.#offer(block);
    }
    this.#end();
  }

  /** JS3. False when the source was closed. */
  async #room(): Promise<boolean> {
    while (!this.#closed && (this.#aheadBytes >= READ_AHEAD_BYTES || this.#aheadBlocks >= READ_AHEAD_BLOCKS)) {
      await new Promise<void>((resolve) => (this.#wakeReading = resolve));
    }
    return !this.#closed;
  }

  #count({ bytes }: Block): void {
    this.#aheadBytes += bytes.length;
    this.#aheadBlocks += 1;
  }

  #handOn(block: Block): Block {
    this.#aheadBytes -= block.bytes.length;
    this.#aheadBlocks -= 1;
    this.#handedBytes += block.bytes.length;
    this.#wakeReading?.();
    return block;
  }

  #offer(block: Block): void {
    this.#ready.push(block);
    this.#wakeReader?.();
  }

  #end(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wakeReader?.();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReading?.();
  }
}
