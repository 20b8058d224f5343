/**
 * A log in segment files. Appends stand in one line from their call until they settle; three marks move along it:
 *
 *     durable ≤ written ≤ next
 *
 * One loop writes what is between `written` and `next`, as many records at once as there are. With 'process' durability
 * what it wrote is then confirmed; with 'host' the store's next commit syncs and confirms it, while the loop goes on.
 * Confirming means: see that the log is still owned (owner-folder.ts, O3), then resolve.
 */
import { unlink } from 'node:fs/promises';
import { invariant } from '../base/errors.ts';
import type { Committed } from './group-commit.ts';
import { MAX_PAYLOAD_BYTES, type Log, type LogRecord, type TornTail } from './log.ts';
import type { LogStorage } from './log-storage.ts';
import type { OpenedLog, SealedSegment } from './open-log.ts';
import { explainFailure, fencedFrom, isOwned, type LogAttempt } from './owner-folder.ts';
import { readSegments } from './read-segments.ts';
import { encodeRecordHeader, RECORD_HEADER_BYTES } from './record-format.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';
import { SegmentWriter } from './segment-writer.ts';

/** The most that one system call is given to write: beyond this more records at once save nothing, and the first wait longer. */
const MAX_WRITE_BYTES = 4 * 1024 * 1024;

interface Append {
  readonly position: number;
  readonly type: number;
  readonly parts: readonly Buffer[];
  readonly payloadBytes: number;
  readonly resolve: (position: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps one file open, for writing, and one more for each `read` under way. */
export class DiskLog implements Log, Committed {
  readonly name: string;
  readonly attempt: number;
  readonly tornTail: TornTail | undefined;
  readonly #storage: LogStorage;
  readonly #folder: string;
  /** What was written before the current segment, oldest first. */
  readonly #sealed: SealedSegment[];
  #writer: SegmentWriter;
  /** Not settled yet; the first has position `#durable`. */
  readonly #appends: Append[] = [];
  #durable: number;
  #written: number;
  #failure: unknown;
  #writing: Promise<void> | undefined;
  #cutTo = 0;
  #cutting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #whenSettled: (() => void) | undefined;

  constructor(storage: LogStorage, log: LogAttempt, opened: OpenedLog) {
    this.name = log.name;
    this.attempt = log.attempt;
    this.tornTail = opened.tornTail;
    this.#storage = storage;
    this.#folder = opened.folder;
    this.#sealed = [...opened.sealed];
    this.#writer = opened.writer;
    this.#durable = opened.writer.header.base;
    this.#written = this.#durable;
  }

  get first(): number {
    return (this.#sealed[0] ?? this.#writer).header.base;
  }

  get durable(): number {
    return this.#durable;
  }

  get next(): number {
    return this.#durable + this.#appends.length;
  }

  get bytes(): number {
    return this.#sealed.reduce((sum, { bytes }) => sum + bytes, this.#writer.bytes);
  }

  async append(type: number, parts: readonly Buffer[]): Promise<number> {
    this.#assertOpen();
    const payloadBytes = parts.reduce((sum, part) => sum + part.length, 0);
    invariant(Number.isInteger(type) && type >= 0 && type <= 255, `the record type ${type} is a byte`);
    invariant(payloadBytes <= MAX_PAYLOAD_BYTES, `a record of ${payloadBytes} bytes has at most ${MAX_PAYLOAD_BYTES}`);
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#appends.push({ position: this.next, type, parts, payloadBytes, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  read(from: number): AsyncIterable<LogRecord> {
    this.#assertOpen();
    const end = this.#durable;
    invariant(from >= this.first && from <= end, `record ${from} of the log ${this.name} is one of ${this.first} to ${end}`);
    return this.#records([...this.#sealed, this.#writer], from, end);
  }

  async cut(before: number): Promise<void> {
    this.#assertOpen();
    invariant(before <= this.#durable, `only what is durable, before ${this.#durable}, is cut, not all before ${before}`);
    this.#cutTo = Math.max(this.#cutTo, before);
    this.#cutting ??= this.#dropSegments().finally(() => (this.#cutting = undefined));
    await this.#cutting;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#settleAndClose());
  }

  async commit(): Promise<void> {
    const upTo = this.#written;
    if (upTo === this.#durable || this.#failure !== undefined) return;
    const writer = this.#writer;
    try {
      // The segments before this one were synced before it was made.
      await writer.sync();
      this.#confirm(upTo);
    } catch (error) {
      this.#fail('sync', writer.path, error);
    }
  }

  async #write(): Promise<void> {
    // One turn later, so that what is appended in one go is written in one go.
    await Promise.resolve();
    while (this.#failure === undefined && this.#written < this.next) {
      try {
        await this.#writeBatch();
      } catch (error) {
        this.#fail('write', this.#writer.path, error);
      }
    }
    this.#writing = undefined;
  }

  async #writeBatch(): Promise<void> {
    const { batch, bytes, isFull } = this.#nextBatch();
    await this.#storage.space.take(isFull ? bytes + SEGMENT_HEADER_BYTES : bytes);
    if (isFull) await this.#roll();
    await this.#writer.write(this.#encode(batch));
    this.#written += batch.length;
    if (this.#storage.durability === 'process') this.#confirm(this.#written);
    else this.#storage.committer.enlist(this);
  }

  /** The records to write next, at least one; and whether they belong into a new segment. */
  #nextBatch(): { batch: Append[]; bytes: number; isFull: boolean } {
    const { segmentBytes } = this.#storage;
    const start = this.#written - this.#durable;
    const heldBytes = this.#writer.bytes;
    const isFull = heldBytes > SEGMENT_HEADER_BYTES && heldBytes + recordBytes(this.#appends[start]) > segmentBytes;
    const roomBytes = Math.min(MAX_WRITE_BYTES, segmentBytes - (isFull ? SEGMENT_HEADER_BYTES : heldBytes));
    let end = start + 1;
    let bytes = recordBytes(this.#appends[start]);
    for (let next = recordBytes(this.#appends[end]); next > 0 && bytes + next <= roomBytes; next = recordBytes(this.#appends[end])) {
      bytes += next;
      end++;
    }
    return { batch: this.#appends.slice(start, end), bytes, isFull };
  }

  #encode(batch: readonly Append[]): Buffer[] {
    const { seed } = this.#writer.header;
    return batch.flatMap((append) => [encodeRecordHeader(seed, { ...append, floor: this.#durable }, append.parts), ...append.parts]);
  }

  async #roll(): Promise<void> {
    const full = this.#writer;
    if (this.#storage.durability === 'host') await full.sync();
    const segment = { attempt: this.attempt, base: this.#written, follows: full.header.follows };
    this.#writer = await SegmentWriter.create(this.#folder, segment, this.#storage.durability);
    this.#sealed.push({ path: full.path, header: full.header, bytes: full.bytes });
    await full.close();
  }

  #confirm(upTo: number): void {
    if (this.#failure !== undefined) return;
    if (!isOwned(this.#folder)) throw fencedFrom(this.#folder, this);
    const confirmed = this.#appends.splice(0, upTo - this.#durable);
    this.#durable = upTo;
    for (const { resolve, position } of confirmed) resolve(position);
    this.#settled();
  }

  #fail(doing: string, path: string, error: unknown): void {
    if (this.#failure !== undefined) return;
    const failure = this.#explain(doing, path, error);
    this.#failure = failure;
    for (const { reject } of this.#appends.splice(0)) reject(failure);
    this.#settled();
  }

  #explain(doing: string, path: string, error: unknown): unknown {
    return explainFailure(this.#folder, this, doing, path, error);
  }

  async *#records(segments: readonly (SealedSegment | SegmentWriter)[], from: number, end: number): AsyncGenerator<LogRecord, void, undefined> {
    try {
      yield* readSegments(segments, from, end);
    } catch (error) {
      throw this.#explain('read', this.#folder, error);
    }
  }

  /** Oldest first: whatever a crash leaves then has no gap. */
  async #dropSegments(): Promise<void> {
    for (;;) {
      const [oldest, second] = [this.#sealed[0], this.#sealed[1] ?? this.#writer];
      if (oldest === undefined || second.header.base > this.#cutTo) return;
      this.#sealed.shift();
      try {
        await unlink(oldest.path);
      } catch (error) {
        throw this.#explain('remove', oldest.path, error);
      }
      this.#storage.space.give(oldest.bytes);
    }
  }

  async #settleAndClose(): Promise<void> {
    if (this.#appends.length > 0) await new Promise<void>((resolve) => (this.#whenSettled = resolve));
    await this.#writing;
    await this.#writer.close();
  }

  #settled(): void {
    if (this.#appends.length === 0) this.#whenSettled?.();
  }

  #assertOpen(): void {
    invariant(this.#closing === undefined, `the log ${this.name} is open`);
  }
}

function recordBytes(append: Append | undefined): number {
  return append === undefined ? 0 : RECORD_HEADER_BYTES + append.payloadBytes;
}
