/** What one client has still to be told, in the form in which it is sent. */

/** Some hundred kilobytes for a client that does not read; one that does has few. */
const MAX_QUEUED = 1_000;

export class EventQueue {
  readonly #lostEvent: (events: number) => string;
  #events: string[] = [];
  readonly #newest = new Map<string, string>();
  #lost = 0;
  #over = false;
  #filled = Promise.withResolvers<void>();

  /** `lostEvent`: what a client is told that was too far behind for so many events. */
  constructor(lostEvent: (events: number) => string) {
    this.#lostEvent = lostEvent;
  }

  /** Of a client that is too far behind the newest events are left out, which it is told. */
  push(event: string): void {
    if (this.#events.length < MAX_QUEUED) this.#events.push(event);
    else this.#lost += 1;
    this.#filled.resolve();
  }

  /** A whole state, of which only the newest is of use. `kind` tells it from others of that sort. */
  replace(kind: string, event: string): void {
    this.#newest.set(kind, event);
    this.#filled.resolve();
  }

  /** No more will come. */
  end(): void {
    this.#over = true;
    this.#filled.resolve();
  }

  /** All of them as they come, until no more will. */
  async *all(): AsyncGenerator<string> {
    for (;;) {
      // Before what there is is taken: whatever came before the end goes out.
      const isOver = this.#over;
      yield* this.take();
      if (isOver) return;
      await this.#filled.promise;
    }
  }

  /** All there is. */
  take(): string[] {
    const events = [...this.#events, ...(this.#lost === 0 ? [] : [this.#lostEvent(this.#lost)]), ...this.#newest.values()];
    this.#events = [];
    this.#newest.clear();
    this.#lost = 0;
    if (!this.#over) this.#filled = Promise.withResolvers<void>();
    return events;
  }
}
