/**
 * A log whose appends become durable when the scheduler says so, one after the other. When its writer dies, some of what was
 * under way is durable and the rest is gone. What is cut can be read no more, but is kept for the checks.
 */
import type { Log, LogRecord } from '../../src/log/log.ts';
import type { Scheduler } from './scheduler.ts';

/** What a log tells of at the moment it happens. */
export interface LogWatch {
  recorded(log: SimLog, record: LogRecord): void;
  cut(log: SimLog, before: number): void;
}

export class SimLog implements Log {
  readonly name: string;
  readonly attempt: number;
  readonly tornTail = undefined;
  readonly records: LogRecord[];
  readonly #scheduler: Scheduler;
  #waiting: { readonly type: number; readonly payload: Buffer; readonly resolve: (position: number) => void }[] = [];
  #planned = false;
  #dead = false;
  #first: number;
  readonly #watch: LogWatch;

  constructor(name: string, scheduler: Scheduler, watch: LogWatch, attempt = 1, records: LogRecord[] = [], first = 0) {
    this.#watch = watch;
    this.#first = first;
    this.name = name;
    this.attempt = attempt;
    this.records = records;
    this.#scheduler = scheduler;
  }

  /** The next attempt's hold on the same records; this one's appends resolve no more. */
  takenOver(): SimLog {
    for (const { type, payload } of this.#waiting.splice(0, this.#scheduler.random.below(this.#waiting.length + 1))) this.#record(type, payload);
    this.#dead = true;
    return new SimLog(this.name, this.#scheduler, this.#watch, this.attempt + 1, this.records, this.#first);
  }

  get first(): number {
    return this.#first;
  }

  get durable(): number {
    return this.records.length;
  }

  get next(): number {
    return this.records.length + this.#waiting.length;
  }

  get bytes(): number {
    return this.records.reduce((sum, { payload }) => sum + payload.length, 0);
  }

  append(type: number, parts: readonly Buffer[]): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    if (this.#dead) return promise;
    this.#waiting.push({ type, payload: Buffer.concat(parts), resolve });
    this.#plan();
    return promise;
  }

  async *read(from: number): AsyncGenerator<LogRecord> {
    const end = this.durable;
    for (let at = from; at < end; at++) {
      await this.#pause();
      if (at < this.#first) throw new Error(`check 7: record ${at} of ${this.name} is read after all before ${this.#first} were cut`);
      yield this.records[at] as LogRecord;
    }
  }

  async cut(before: number): Promise<void> {
    await this.#pause();
    if (this.#dead) return new Promise(() => undefined);
    this.#watch.cut(this, before);
    this.#first = Math.max(this.#first, before);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A group of appends becomes durable at once. */
  #plan(): void {
    if (this.#planned || this.#waiting.length === 0) return;
    this.#planned = true;
    this.#scheduler.later(() => {
      this.#planned = false;
      if (this.#dead) return;
      const group = this.#waiting.splice(0, 1 + this.#scheduler.random.below(this.#waiting.length));
      for (const { type, payload, resolve } of group) {
        resolve(this.#record(type, payload));
      }
      this.#plan();
    });
  }

  #record(type: number, payload: Buffer): number {
    const position = this.records.length;
    const record = { position, type, payload };
    this.records.push(record);
    this.#watch.recorded(this, record);
    return position;
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#scheduler.later(resolve);
    return promise;
  }
}
