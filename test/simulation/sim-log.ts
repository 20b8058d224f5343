/** A log whose appends become durable when the scheduler says so, one after the other. */
import type { Log, LogRecord } from '../../src/log/log.ts';
import type { Scheduler } from './scheduler.ts';

export class SimLog implements Log {
  readonly name: string;
  readonly attempt = 1;
  readonly first = 0;
  readonly tornTail = undefined;
  readonly records: LogRecord[] = [];
  readonly #scheduler: Scheduler;
  #waiting: { readonly type: number; readonly payload: Buffer; readonly resolve: (position: number) => void }[] = [];
  #planned = false;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
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
      const group = this.#waiting.splice(0, 1 + this.#scheduler.random.below(this.#waiting.length));
      for (const { type, payload, resolve } of group) {
        const position = this.records.length;
        this.records.push({ position, type, payload });
        resolve(position);
      }
      this.#plan();
    });
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#scheduler.later(resolve);
    return promise;
  }
}
