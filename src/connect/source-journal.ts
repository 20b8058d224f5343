/**
 * The journal of a source that can be read only once: stdin, a named pipe, a device. It has its log to itself, but for
 * records of other types that the source's task adds.
 *
 * SJ1 Blocks stand in the order in which they were read, each with its place in the source; the end is a record of its own,
 *     behind the last of them, once.
 * SJ2 What has no end in its journal cannot be gone on with: nobody knows what else was read and lost with its reader.
 * SJ3 What may be cut lies before a place up to which every consumer has everything. The last block stays, so that the
 *     journal says at any time how much was read.
 * SJ4 What is being read is not cut: reading begins at the first block that is needed, and what may be cut ends with the last
 *     block that is not, behind which reading may stand.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import type { Block } from '../job/block.ts';
import type { Log } from '../log/log.ts';

const TYPE = { block: 10, end: 11 } as const;

/** Offset, tuples before, tuples. */
const HEAD_BYTES = 20;

/** A block as it lies in the journal. */
interface RecordedBlock {
  /** Of the record. */
  readonly position: number;
  /** Of its first byte in the source. */
  readonly offsetBytes: number;
  readonly endBytes: number;
}

/** How much was read of a source. */
export interface Recorded {
  readonly tuples: number;
  /** Of the tuples, unpacked, headers not counted. */
  readonly bytes: number;
}

export class SourceJournal {
  readonly #log: Log;
  /** Those that can be read, oldest first. */
  #blocks: RecordedBlock[] = [];
  /** SJ4: records before this one may be cut. */
  #firstNeeded: number;
  #recorded: Recorded = { tuples: 0, bytes: 0 };
  /** Counts what is being appended too. */
  #appended: Recorded = this.#recorded;
  #ending: Promise<void> | undefined;
  readonly #end = Promise.withResolvers<void>();
  #ended = false;

  private constructor(log: Log) {
    this.#log = log;
    this.#firstNeeded = log.first;
  }

  /** Rejects with LOG_CORRUPT, LOG_FENCED or STORE_FAILED. */
  static async open(log: Log): Promise<SourceJournal> {
    const journal = new SourceJournal(log);
    for await (const { position, type, payload } of log.read(log.first)) {
      if (type === TYPE.block) journal.#take(position, payload);
      if (type === TYPE.end) journal.#takeEnd();
    }
    journal.#appended = journal.#recorded;
    return journal;
  }

  /** SJ2: what was read is all there was, and all of it is durable here. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when it has. */
  get whenEnded(): Promise<void> {
    return this.#end.promise;
  }

  /** What is durable here, or was. */
  get recorded(): Recorded {
    return this.#recorded;
  }

  /** The next tuples; their bytes must not change until it resolves, when they are durable. Rejects with STORE_FULL, STORE_FAILED or LOG_FENCED. */
  async append({ bytes, count }: Block): Promise<void> {
    invariant(this.#ending === undefined && !this.#ended, 'SJ1: nothing follows the end');
    const before = this.#appended;
    this.#appended = { tuples: before.tuples + count, bytes: before.bytes + bytes.length };
    const position = await this.#log.append(TYPE.block, [encodeHead(before, count), bytes]);
    this.#blocks.push({ position, offsetBytes: before.bytes, endBytes: before.bytes + bytes.length });
    this.#recorded = { tuples: before.tuples + count, bytes: before.bytes + bytes.length };
  }

  /** Nothing comes any more. Resolves when that is durable, and all before it. Idempotent. Rejects as `append` does. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ending ??= this.#log.append(TYPE.end, []).then(() => this.#takeEnd());
    await this.#ending;
  }

  /** Whole tuples from offset `fromBytes` on, where a tuple begins. Iterating throws LOG_CORRUPT, LOG_FENCED or STORE_FAILED. */
  async *read(fromBytes: number): AsyncGenerator<Buffer> {
    let at = fromBytes;
    const start = this.#blocks.find(({ endBytes }) => endBytes > fromBytes)?.position ?? this.#log.durable;
    for await (const { type, payload } of this.#log.read(start)) {
      if (type !== TYPE.block) continue;
      const { offsetBytes, bytes } = decode(payload);
      if (offsetBytes + bytes.length <= at) continue;
      if (offsetBytes > at) throw new RainstormError('LOG_CORRUPT', `the journal ${this.#log.name} goes on at byte ${offsetBytes} of its source, where ${at} is needed`);
      yield bytes.subarray(at - offsetBytes);
      at = offsetBytes + bytes.length;
    }
  }

  /** SJ3, SJ4: the position of the first record that is still needed when the source is to go on at this offset. */
  firstNeeded(offsetBytes: number): number {
    const index = this.#blocks.findIndex(({ endBytes }) => endBytes > offsetBytes);
    const needed = index === -1 ? Math.max(0, this.#blocks.length - 1) : index;
    const before = this.#blocks[needed - 1];
    if (before !== undefined) this.#firstNeeded = before.position + 1;
    this.#blocks = this.#blocks.slice(needed);
    return this.#firstNeeded;
  }

  #take(position: number, payload: Buffer): void {
    const { offsetBytes, tuples, count, bytes } = decode(payload);
    const endBytes = offsetBytes + bytes.length;
    this.#blocks.push({ position, offsetBytes, endBytes });
    this.#recorded = { tuples: tuples + count, bytes: endBytes };
  }

  #takeEnd(): void {
    this.#ended = true;
    this.#end.resolve();
  }
}

function encodeHead(before: Recorded, count: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeBigUInt64LE(BigInt(before.bytes), 0);
  head.writeBigUInt64LE(BigInt(before.tuples), 8);
  head.writeUInt32LE(count, 16);
  return head;
}

function decode(payload: Buffer): { readonly offsetBytes: number; readonly tuples: number; readonly count: number; readonly bytes: Buffer } {
  if (payload.length <= HEAD_BYTES) throw new RainstormError('LOG_CORRUPT', `the journal of a source holds a block of ${payload.length} bytes, which is none of ours`);
  return {
    offsetBytes: Number(payload.readBigUInt64LE(0)),
    tuples: Number(payload.readBigUInt64LE(8)),
    count: payload.readUInt32LE(16),
    bytes: payload.subarray(HEAD_BYTES),
  };
}
