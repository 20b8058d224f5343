/** What a task's log durably holds at the moment, kept up to date record by record. */
import { InputJournal } from '../../src/task/input-journal.ts';
import type { LogRecord } from '../../src/log/log.ts';
import type { Checkpoint } from '../../src/task/checkpoint-record.ts';
import type { Producers } from '../../src/task/input-order.ts';
import type { SimDisk } from './sim-disk.ts';

export class DurableInput {
  readonly #disk: SimDisk;
  readonly #name: string;
  readonly #isSink: boolean;
  readonly #violated: (what: string) => void;
  #seen = 0;
  #next: number[] = [];
  #ended = new Set<number>();
  #superseded = false;
  #finished = false;
  #chunks: Buffer[] = [];
  #bytes = Buffer.alloc(0);
  #length = 0;
  /** Bytes before each record. */
  #offsets: number[] = [];
  #cuts = new Set<number>();
  #starts = new Set<number>([0]);

  constructor(disk: SimDisk, name: string, isSink: boolean, violated: (what: string) => void) {
    this.#disk = disk;
    this.#name = name;
    this.#isSink = isSink;
    this.#violated = violated;
  }

  /** One past the last number of a producer that is safe; its end counts as one more. */
  end(producer: number): number {
    this.#update();
    return (this.#next[producer] ?? 0) + (this.#ended.has(producer) ? 1 : 0);
  }

  /** The operator had enough: what came later is acked though it is not here. */
  get finished(): boolean {
    this.#update();
    return this.#finished;
  }

  /** All producers have ended, and none since the task's stage is being rescaled. */
  isOver({ numbers }: Producers): boolean {
    this.#update();
    return !this.#superseded && numbers.every((producer) => this.#ended.has(producer));
  }

  /** What some producer puts out goes to the task's successors. */
  get superseded(): boolean {
    this.#update();
    return this.#superseded;
  }

  hasEnded(producer: number): boolean {
    this.#update();
    return this.#ended.has(producer);
  }

  /** All tuples, in the order of the journal. */
  get bytes(): Buffer {
    this.#update();
    if (this.#chunks.length > 0) this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks.splice(0)]);
    return this.#bytes;
  }

  /** Offsets in `bytes` behind which an operator may begin. */
  get starts(): ReadonlySet<number> {
    this.#update();
    return this.#starts;
  }

  /** Offsets in `bytes` at which the input is cut. */
  get cuts(): ReadonlySet<number> {
    this.#update();
    return this.#cuts;
  }

  #update(): void {
    const durable = this.#disk.durableOf(this.#name);
    if (durable === this.#seen) return;
    if (durable < this.#seen) return this.#violated(`check 1: ${this.#seen - durable} durable records of ${this.#name} are gone`);
    const fresh = this.#disk.recordsOf(this.#name).slice(this.#seen, durable);
    this.#seen = durable;
    if (this.#isSink) this.#takeCommit(fresh.at(-1) as LogRecord);
    else for (const record of fresh) this.#take(record);
  }

  #takeCommit({ payload }: LogRecord): void {
    const { positions } = JSON.parse(payload.toString()) as { positions: { producer: number; next: number; ended: boolean }[] };
    for (const { producer, next, ended } of positions) {
      this.#next[producer] = next;
      if (ended) this.#ended.add(producer);
    }
  }

  #take(record: LogRecord): void {
    this.#offsets.push(this.#length);
    for (const entry of ENTRIES.entries([record])) {
      if (entry.kind === 'finished') this.#finished = true;
      else if (entry.kind === 'fin') {
        this.#ended.add(entry.producer);
        if (entry.superseded) this.#superseded = true;
      } else if (entry.kind === 'checkpoint') this.#takeCheckpoint(entry.checkpoint);
      else if (entry.kind === 'cut') {
        this.#cuts.add(this.#length);
        this.#starts.add(this.#length);
      } else if (entry.kind === 'frame') {
        this.#next[entry.producer] = entry.first + entry.count;
        this.#chunks.push(entry.bytes);
        this.#length += entry.bytes.length;
      }
    }
  }

  #takeCheckpoint({ after, input }: Checkpoint): void {
    this.#starts.add(this.#offsets[after] ?? this.#length);
    // A task of a later generation begins with producers that ended before it was there.
    for (const [producer, { ended }] of input) if (ended) this.#ended.add(producer);
  }
}

/** Reads records of any journal. */
export const ENTRIES = new InputJournal({} as never);
