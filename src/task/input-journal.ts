/**
 * The journal of a task's input: everything that determines its output, in the order in which it took effect.
 *
 * G1 Entries are in the order of acceptance, over all producers, and the operator is fed in exactly this order.
 * G2 An entry is fed, and acked to its producer, only after it is durable: what an operator has printed follows from the
 *    journal alone.
 */
import { crc32 } from 'node:zlib';
import { RainstormError } from '../base/errors.ts';
import type { Log, LogRecord } from '../log/log.ts';
import { CHANNEL_START, type ChannelPosition } from '../wire/in-channel.ts';

export type JournalEntry =
  /** `count` tuples of a producer, the first of which has number `first`. */
  | { readonly kind: 'frame'; readonly producer: number; readonly first: number; readonly count: number; readonly bytes: Buffer }
  /** A producer's channel ended after `sequence` tuples. */
  | { readonly kind: 'fin'; readonly producer: number; readonly sequence: number }
  /** The operator had enough; what comes after this is acked and dropped. */
  | { readonly kind: 'finished' };

const TYPE = { frame: 1, fin: 2, finished: 3 } as const;

/** Producer, count, number of the first tuple. */
const FRAME_HEAD_BYTES = 16;

/** What a journal says about where its task stands. */
export interface JournalState {
  /** By producer. */
  readonly positions: readonly ChannelPosition[];
  readonly finished: boolean;
}

export class InputJournal {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** One past the last durable entry. */
  get end(): number {
    return this.#log.durable;
  }

  /** Gives the entry's position when it is durable. Rejects with STORE_FULL, STORE_FAILED or LOG_FENCED. */
  append(entry: JournalEntry): Promise<number> {
    switch (entry.kind) {
      case 'frame':
        return this.#log.append(TYPE.frame, [encodeHead(entry.producer, entry.count, entry.first), entry.bytes]);
      case 'fin':
        return this.#log.append(TYPE.fin, [encodeHead(entry.producer, 0, entry.sequence)]);
      case 'finished':
        return this.#log.append(TYPE.finished, []);
    }
  }

  /** The durable entries, from the first. */
  async *read(): AsyncGenerator<{ readonly position: number; readonly entry: JournalEntry }> {
    for await (const { position, type, payload } of this.#log.read(this.#log.first)) yield { position, entry: decode(type, payload) };
  }

  /** Reads records as entries. Throws LOG_CORRUPT for what is none. */
  *entries(records: Iterable<LogRecord>): Generator<JournalEntry> {
    for (const { type, payload } of records) yield decode(type, payload);
  }

  /** Where a task with so many producers stands that is recovered from this journal. */
  async state(producers: number): Promise<JournalState> {
    const positions = Array.from({ length: producers }, () => CHANNEL_START);
    let finished = false;
    for await (const { entry } of this.read()) {
      if (entry.kind === 'finished') finished = true;
      else positions[entry.producer] = behind(positions[entry.producer] ?? CHANNEL_START, entry);
    }
    return { positions, finished };
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

function behind(position: ChannelPosition, entry: Extract<JournalEntry, { kind: 'frame' | 'fin' }>): ChannelPosition {
  if (entry.kind === 'fin') return { ...position, ended: true };
  return { next: entry.first + entry.count, ended: false, digest: crc32(entry.bytes, position.digest) };
}

function encodeHead(producer: number, count: number, sequence: number): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUInt32LE(producer, 0);
  head.writeUInt32LE(count, 4);
  head.writeBigUInt64LE(BigInt(sequence), 8);
  return head;
}

function decode(type: number, payload: Buffer): JournalEntry {
  if (type === TYPE.finished) return { kind: 'finished' };
  if ((type !== TYPE.frame && type !== TYPE.fin) || payload.length < FRAME_HEAD_BYTES) {
    throw new RainstormError('LOG_CORRUPT', `the journal holds an entry of type ${type} with ${payload.length} bytes, which is none of ours`);
  }
  const producer = payload.readUInt32LE(0);
  const sequence = Number(payload.readBigUInt64LE(8));
  if (type === TYPE.fin) return { kind: 'fin', producer, sequence };
  return { kind: 'frame', producer, first: sequence, count: payload.readUInt32LE(4), bytes: payload.subarray(FRAME_HEAD_BYTES) };
}
