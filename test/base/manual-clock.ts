import type { Clock } from '../../src/base/clock.ts';

/** A clock that the test moves. */
export class ManualClock implements Clock {
  #ms = 0;
  #waiting: { readonly atMs: number; readonly resolve: () => void }[] = [];

  now(): number {
    return this.#ms;
  }

  /** How many waits have neither passed nor been aborted. */
  get armed(): number {
    return this.#waiting.length;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { atMs: this.#ms + ms, resolve };
    this.#waiting.push(waiting);
    signal?.addEventListener('abort', () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      resolve();
    });
    return promise;
  }

  /** Lets so much time pass; waits end in their order, and what follows from each is done before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > end) break;
      this.#ms = Math.max(this.#ms, next.atMs);
      this.#waiting = this.#waiting.filter((other) => other !== next);
      next.resolve();
      await new Promise(setImmediate);
    }
    this.#ms = end;
    await new Promise(setImmediate);
  }

  /** As when the process was stopped meanwhile: every wait that is due ends, late. */
  async jump(ms: number): Promise<void> {
    this.#ms += ms;
    await this.advance(0);
  }
}
