/** What a task's log durably holds at the moment, kept up to date record by record. */
import { InputJournal } from '../../src/task/input-journal.ts';
import type { LogRecord } from '../../src/log/log.ts';
import type { SinkCommit } from '../../src/task/sink-commits.ts';
import type { SimDisk } from './sim-disk.ts';

export class DurableInput {
  readonly #disk: SimDisk;
  readonly #name: string;
  readonly #isSink: boolean;
  readonly #violated: (what: string) => void;
  #seen = 0;
  #next: number[] = [];
  #ended = new Set<number>();
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

  /** Of how many producers the end is here. */
  get endings(): number {
    this.#update();
    return this.#ended.size;
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
    const { positions } = JSON.parse(payload.toString()) as SinkCommit;
    for (const [producer, { next, ended }] of positions.entries()) {
      this.#next[producer] = next;
      if (ended) this.#ended.add(producer);
    }
  }

  #take(record: LogRecord): void {
    this.#offsets.push(this.#length);
    for (const entry of ENTRIES.entries([record])) {
      if (entry.kind === 'finished') this.#finished = true;
      else if (entry.kind === 'fin') this.#ended.add(entry.producer);
      else if (entry.kind === 'checkpoint') this.#starts.add(this.#offsets[entry.checkpoint.after] ?? this.#length);
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
}

/** Reads records of any journal. */
export const ENTRIES = new InputJournal({} as never);
