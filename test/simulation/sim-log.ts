/**
 * A log whose appends become durable when the scheduler says so, one after the other. When its writer dies, some of what was
 * under way is durable and the rest is gone.
 */
import type { Log, LogRecord } from '../../src/log/log.ts';
import type { Scheduler } from './scheduler.ts';

export class SimLog implements Log {
  readonly name: string;
  readonly attempt: number;
  readonly first = 0;
  readonly tornTail = undefined;
  readonly records: LogRecord[];
  readonly #scheduler: Scheduler;
  #waiting: { readonly type: number; readonly payload: Buffer; readonly resolve: (position: number) => void }[] = [];
  #planned = false;

  #dead = false;

  constructor(name: string, scheduler: Scheduler, attempt = 1, records: LogRecord[] = []) {
    this.name = name;
    this.attempt = attempt;
    this.records = records;
    this.#scheduler = scheduler;
  }

  /** The next attempt's hold on the same records; this one's appends resolve no more. */
  takenOver(): SimLog {
    for (const { type, payload } of this.#waiting.splice(0, this.#scheduler.random.below(this.#waiting.length + 1))) this.#record(type, payload);
    this.#dead = true;
    return new SimLog(this.name, this.#scheduler, this.attempt + 1, this.records);
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
      yield this.records[at] as LogRecord;
    }
  }

  cut(): Promise<void> {
    return Promise.resolve();
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
    this.records.push({ position, type, payload });
    return position;
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#scheduler.later(resolve);
    return promise;
  }
}
