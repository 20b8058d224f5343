/** Who waits for a job's state to change: clients that ask to be told, each for a few seconds, for as long as the job runs. */
export class StateWaiters {
  readonly #waiting = new Set<() => void>();

  /** How many there are. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Resolves at the next change, or as soon as the signal is aborted; the caller looks which. Nothing is kept of one that has resolved. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.#waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    return promise;
  }

  /** The state has changed. */
  wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
