import { invariant } from '../base/errors.ts';
import { logFenced, storeFull } from './failures.ts';
import { MAX_PAYLOAD_BYTES, type Log, type LogRecord, type TornTail } from './log.ts';
import { nextOf, recordBytes, storedBytes, type SharedLogs, type StoredLog } from './stored-log.ts';

interface Append {
  readonly record: LogRecord;
  readonly resolve: (position: number) => void;
  readonly reject: (error: unknown) => void;
}

interface OpenedMemoryLog {
  readonly name: string;
  readonly attempt: number;
  readonly tornTail: TornTail | undefined;
  readonly stored: StoredLog;
}

export class MemoryLog implements Log {
  readonly name: string;
  readonly attempt: number;
  readonly tornTail: TornTail | undefined;
  readonly #disk: SharedLogs;
  readonly #stored: StoredLog;
  readonly #step: () => Promise<void>;
  readonly #closed: () => void;
  /** Not settled yet; the first has position `#durable`. */
  readonly #appends: Append[] = [];
  /** What is cut by who has taken the log over does not move it. */
  #first: number;
  #durable: number;
  #written: number;
  #failure: unknown;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** `step` resolves when the driver lets the process do its next step, and never once it is dead. */
  constructor(disk: SharedLogs, opened: OpenedMemoryLog, step: () => Promise<void>, closed: () => void) {
    this.name = opened.name;
    this.attempt = opened.attempt;
    this.tornTail = opened.tornTail;
    this.#disk = disk;
    this.#stored = opened.stored;
    this.#step = step;
    this.#closed = closed;
    this.#first = opened.stored.first;
    this.#durable = nextOf(opened.stored);
    this.#written = this.#durable;
  }

  get first(): number {
    return this.#first;
  }

  get durable(): number {
    return this.#durable;
  }

  get next(): number {
    return this.#durable + this.#appends.length;
  }

  get bytes(): number {
    return storedBytes(this.#stored);
  }

  async append(type: number, parts: readonly Buffer[]): Promise<number> {
    this.#assertOpen();
    const payload = Buffer.concat(parts);
    invariant(Number.isInteger(type) && type >= 0 && type <= 255, `the record type ${type} is a byte`);
    invariant(payload.length <= MAX_PAYLOAD_BYTES, `a record of ${payload.length} bytes has at most ${MAX_PAYLOAD_BYTES}`);
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#appends.push({ record: { position: this.next, type, payload }, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  read(from: number): AsyncIterable<LogRecord> {
    this.#assertOpen();
    const end = this.#durable;
    invariant(from >= this.first && from <= end, `record ${from} of the log ${this.name} is one of ${this.first} to ${end}`);
    return this.#records(from, end);
  }

  async cut(before: number): Promise<void> {
    this.#assertOpen();
    invariant(before <= this.#durable, `only what is durable, before ${this.#durable}, is cut, not all before ${before}`);
    await this.#step();
    this.#assertOwner();
    const { random } = this.#disk.options;
    const cuttable = Math.max(0, before - this.first);
    // Real stores free what makes a whole piece, so often less than they may.
    const freed = random.below(2) === 0 ? cuttable : random.below(cuttable + 1);
    this.#stored.records.splice(0, freed);
    this.#stored.first += freed;
    this.#first = this.#stored.first;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#settleAndClose());
  }

  /** The process is dead: see `MemoryStore.kill`. */
  die(): void {
    const { random } = this.#disk.options;
    const queued = this.#appends.slice(this.#written - this.#durable).map(({ record }) => record);
    const torn = queued[this.#land(queued.slice(0, random.below(queued.length + 1)))];
    if (torn !== undefined && this.#isTail) this.#stored.tornBytes = random.below(recordBytes(torn));
  }

  get #isTail(): boolean {
    return this.#stored.tail === this.attempt;
  }

  /** Puts records behind the last; of a fenced attempt they go where nobody reads. Gives their number. */
  #land(records: readonly LogRecord[]): number {
    if (this.#isTail) this.#stored.records.push(...records);
    return records.length;
  }

  async #run(): Promise<void> {
    while (this.#failure === undefined && this.#appends.length > 0) {
      try {
        await this.#step();
        this.#writeSome();
        if (this.#disk.options.durability === 'host') await this.#sync();
        await this.#step();
        this.#confirm();
      } catch (error) {
        this.#failure = error;
        for (const { reject } of this.#appends.splice(0)) reject(error);
      }
    }
    this.#running = undefined;
  }

  #writeSome(): void {
    const { random, limitBytes = Infinity } = this.#disk.options;
    const some = this.#appends.slice(0, 1 + random.below(this.#appends.length)).map(({ record }) => record);
    const bytes = some.reduce((sum, record) => sum + recordBytes(record), 0);
    const usedBytes = this.#disk.usedBytes;
    if (usedBytes + bytes > limitBytes) throw storeFull('in memory', limitBytes, usedBytes, bytes);
    this.#written += this.#land(some);
  }

  async #sync(): Promise<void> {
    await this.#step();
    if (this.#isTail) this.#stored.synced = this.#written;
  }

  #confirm(): void {
    if (this.#disk.options.rechecksOwner !== false) this.#assertOwner();
    const confirmed = this.#appends.splice(0, this.#written - this.#durable);
    this.#durable = this.#written;
    for (const { record, resolve } of confirmed) resolve(record.position);
  }

  async *#records(from: number, end: number): AsyncGenerator<LogRecord, void, undefined> {
    for (let position = from; position < end; position++) {
      await this.#step();
      this.#assertOwner();
      const record = this.#stored.records[position - this.first];
      invariant(record !== undefined, `record ${position} of the log ${this.name} is read before it is cut`);
      yield record;
    }
  }

  async #settleAndClose(): Promise<void> {
    await this.#running;
    this.#closed();
  }

  #assertOwner(): void {
    const stored = this.#disk.logs.get(this.name);
    if (stored === this.#stored && stored.owner === this.attempt) return;
    throw logFenced(this.name, this.attempt, stored?.owner ?? 0);
  }

  #assertOpen(): void {
    invariant(this.#closing === undefined, `the log ${this.name} is open`);
  }
}
