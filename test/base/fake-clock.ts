import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands still but for waits, which pass at once, each late by `lateMs`. */
export class FakeClock implements Clock {
  ms = 0;
  readonly waits: number[] = [];
  readonly #lateMs: number;

  constructor(lateMs = 0) {
    this.#lateMs = lateMs;
  }

  now(): number {
    return this.ms;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    this.waits.push(ms);
    this.ms += ms + this.#lateMs;
  }
}
