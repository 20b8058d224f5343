import { setTimeout as sleep } from 'node:timers/promises';

/** Time, handed in wherever it decides something, so that a test can tell what happens without waiting for it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back, whatever is done to the wall clock. */
  now(): number;
  /** Resolves after `ms` milliseconds (0 to 2^31-1), or as soon as the signal is aborted; the caller looks which. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  async wait(ms, signal) {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
