/**
 * The journal of a task's input: everything that determines its output, in the order in which it took effect.
 *
 * G1 Entries are in the order of acceptance, over all producers, and the operator is fed in exactly this order.
 * G2 An entry is fed, and acked to its producer, only after it is durable: what an operator has printed follows from the
 *    journal alone.
 * G3 A checkpoint stands for everything before its `after`: who recovers takes the last one there is, and the entries from
 *    its `after` on, wherever those stand.
 * G4 What is cut off the front lies before the `after` of a durable checkpoint.
 */
import { crc32 } from 'node:zlib';
import { RainstormError } from '../base/errors.ts';
import type { Log, LogReader, LogRecord } from '../log/log.ts';
import { CHANNEL_START, type ChannelPosition, type ChannelPositions } from '../wire/in-channel.ts';
import { decodeSkip, encodeSkip, NOTHING_SKIPPED, totalsBehind, type Skip, type SkippedTotals } from './skip.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint-record.ts';
import { FIRST_GENERATION } from '../job/task-id.ts';
import { decodeSwitch, encodeSwitch, type SwitchPoint } from './switch-point.ts';

export type JournalEntry =
  /** `count` tuples of a producer, the first of which has number `first`. */
  | { readonly kind: 'frame'; readonly producer: number; readonly first: number; readonly count: number; readonly bytes: Buffer }
  /** A producer's channel ended after `sequence` tuples. `superseded`: what else it puts out goes to the next generation of this stage. */
  | { readonly kind: 'fin'; readonly producer: number; readonly sequence: number; readonly superseded: boolean }
  /** The operator had enough; what comes after this is acked and dropped. */
  | { readonly kind: 'finished' }
  /** One copy of the operator sees the end of its input here, and the next is fed what follows. */
  | { readonly kind: 'cut' }
  /** A tuple of a frame before this is left out, in every attempt from here on. */
  | { readonly kind: 'skip'; readonly skip: Skip }
  /** From an ordinal on the output goes to the next generation of the stage behind. */
  | { readonly kind: 'switch'; readonly point: SwitchPoint }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint };

const TYPE = { frame: 1, fin: 2, finished: 3, cut: 5, checkpoint: 6, skip: 7, switch: 8 } as const;

/** Producer, count, number of the first tuple; of an end, its kind in the place of the count. */
const FRAME_HEAD_BYTES = 16;

/** A checkpoint that counts. Its state and the output that it holds lie in the journal. */
export interface RecordedCheckpoint extends Omit<Checkpoint, 'state' | 'held'> {
  /** Journal position of the record. */
  readonly position: number;
  readonly stateBytes: number;
  readonly heldBytes: number;
}

/** What a journal says about where its task stands. */
export interface JournalState {
  readonly positions: ChannelPositions;
  readonly finished: boolean;
  readonly checkpoint: RecordedCheckpoint | undefined;
  /** Of frames behind the checkpoint, in the order in which they were recorded. */
  readonly skips: readonly Skip[];
  /** With those before the checkpoint. */
  readonly skipped: SkippedTotals;
  /** Behind the checkpoint's output. */
  readonly switches: readonly SwitchPoint[];
}

/** A journal as it can be read, also by who does not have it. */
export class JournalReader {
  readonly #log: LogReader;

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** One past the last durable entry. */
  get end(): number {
    return this.#log.durable;
  }

  /** The durable entries, from the first or from position `from`. */
  async *read(from: number = this.#log.first): AsyncGenerator<{ readonly position: number; readonly entry: JournalEntry }> {
    for await (const { position, type, payload } of this.#log.read(from)) yield { position, entry: decode(type, payload) };
  }

  /** What lies in the journal of a checkpoint. Rejects with LOG_CORRUPT, LOG_FENCED or STORE_FAILED. */
  async contentsOf({ position }: RecordedCheckpoint): Promise<Pick<Checkpoint, 'state' | 'held'>> {
    for await (const { entry } of this.read(position)) if (entry.kind === 'checkpoint') return entry.checkpoint;
    throw new RainstormError('LOG_CORRUPT', `the journal ${this.#log.name} holds no checkpoint at ${position}`);
  }

  /** Reads records as entries. Throws LOG_CORRUPT for what is none. */
  *entries(records: Iterable<LogRecord>): Generator<JournalEntry> {
    for (const { type, payload } of records) yield decode(type, payload);
  }

  /** Where a task stands that is recovered from this journal. Rejects with LOG_CORRUPT, LOG_FENCED or STORE_FAILED. */
  async state(): Promise<JournalState> {
    let checkpoint: RecordedCheckpoint | undefined;
    let finished = false;
    let skipped = NOTHING_SKIPPED;
    const skips: Skip[] = [];
    const points: SwitchPoint[] = [];
    const fromStart = new Positions();
    for await (const { position, entry } of this.read()) {
      if (entry.kind === 'checkpoint') {
        checkpoint = recordedAt(position, entry.checkpoint);
        ({ skipped } = entry.checkpoint);
      } else if (entry.kind === 'skip') {
        skips.push(entry.skip);
        skipped = totalsBehind(entry.skip);
      } else if (entry.kind === 'finished') finished = true;
      else if (entry.kind === 'switch') points.push(entry.point);
      else fromStart.add(entry);
    }
    const generation = checkpoint?.output.generation ?? FIRST_GENERATION;
    const switches = points.filter((point) => point.generation > generation);
    if (checkpoint === undefined) return { positions: fromStart.all, finished, checkpoint, skips, skipped, switches };
    const { after } = checkpoint;
    const positions = new Positions(checkpoint.input);
    for await (const { entry } of this.read(after)) positions.add(entry);
    return { positions: positions.all, finished, checkpoint, skips: skips.filter(({ position }) => position >= after), skipped, switches };
  }
}

export class InputJournal extends JournalReader {
  readonly #log: Log;

  constructor(log: Log) {
    super(log);
    this.#log = log;
  }

  /** What it takes in its store. */
  get bytes(): number {
    return this.#log.bytes;
  }

  /** Gives the entry's position when it is durable. Rejects with STORE_FULL, STORE_FAILED or LOG_FENCED. */
  append(entry: JournalEntry): Promise<number> {
    switch (entry.kind) {
      case 'frame':
        return this.#log.append(TYPE.frame, [encodeHead(entry.producer, entry.count, entry.first), entry.bytes]);
      case 'fin':
        return this.#log.append(TYPE.fin, [encodeHead(entry.producer, entry.superseded ? 1 : 0, entry.sequence)]);
      case 'finished':
      case 'cut':
        return this.#log.append(TYPE[entry.kind], []);
      case 'skip':
        return this.#log.append(TYPE.skip, [encodeSkip(entry.skip)]);
      case 'switch':
        return this.#log.append(TYPE.switch, [encodeSwitch(entry.point)]);
      case 'checkpoint':
        return this.#log.append(TYPE.checkpoint, encodeCheckpoint(entry.checkpoint));
    }
  }

  /** Records a checkpoint and gives it as recorded; then everything before it may be let go. Rejects as `append` does. */
  async record(checkpoint: Checkpoint): Promise<RecordedCheckpoint> {
    return recordedAt(await this.append({ kind: 'checkpoint', checkpoint }), checkpoint);
  }

  /** G4. Rejects with LOG_FENCED or STORE_FAILED. */
  cut(checkpoint: RecordedCheckpoint): Promise<void> {
    return this.#log.cut(checkpoint.after);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/** Where channels stand behind some entries. */
class Positions {
  readonly all: Map<number, ChannelPosition>;

  constructor(from: ChannelPositions = new Map()) {
    this.all = new Map(from);
  }

  add(entry: JournalEntry): void {
    if (entry.kind === 'frame' || entry.kind === 'fin') this.all.set(entry.producer, behind(this.all.get(entry.producer) ?? CHANNEL_START, entry));
  }
}

/** Where a channel stands behind an entry of its producer. */
function behind(position: ChannelPosition, entry: Extract<JournalEntry, { kind: 'frame' | 'fin' }>): ChannelPosition {
  if (entry.kind === 'fin') return { ...position, ended: true, superseded: entry.superseded };
  return { next: entry.first + entry.count, ended: false, superseded: false, digest: crc32(entry.bytes, position.digest) };
}

function recordedAt(position: number, { state, held, ...rest }: Checkpoint): RecordedCheckpoint {
  return { ...rest, position, stateBytes: state.length, heldBytes: held.reduce((sum, { length }) => sum + length, 0) };
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
  if (type === TYPE.cut) return { kind: 'cut' };
  if (type === TYPE.switch) return { kind: 'switch', point: decodeSwitch(payload) };
  if (type === TYPE.skip) return { kind: 'skip', skip: decodeSkip(payload) };
  if (type === TYPE.checkpoint) return { kind: 'checkpoint', checkpoint: decodeCheckpoint(payload) };
  if ((type !== TYPE.frame && type !== TYPE.fin) || payload.length < FRAME_HEAD_BYTES) {
    throw new RainstormError('LOG_CORRUPT', `the journal holds an entry of type ${type} with ${payload.length} bytes, which is none of ours`);
  }
  const producer = payload.readUInt32LE(0);
  const sequence = Number(payload.readBigUInt64LE(8));
  if (type === TYPE.fin) return { kind: 'fin', producer, sequence, superseded: payload.readUInt32LE(4) === 1 };
  return { kind: 'frame', producer, first: sequence, count: payload.readUInt32LE(4), bytes: payload.subarray(FRAME_HEAD_BYTES) };
}
