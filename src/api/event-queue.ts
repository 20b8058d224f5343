/** What one client has still to be told. */
import type { JobEvent } from '../control/job-event.ts';

/** Some hundred kilobytes for a client that does not read; one that does has few. */
const MAX_QUEUED = 1_000;

export class EventQueue {
  #events: JobEvent[] = [];
  #lost = 0;
  #filled = Promise.withResolvers<void>();

  /** Of a client that is too far behind the newest events are left out, which it is told. */
  push(event: JobEvent): void {
    if (this.#events.length < MAX_QUEUED) this.#events.push(event);
    else this.#lost += 1;
    this.#filled.resolve();
  }

  /** Resolves when there is something. */
  get filled(): Promise<void> {
    return this.#filled.promise;
  }

  /** All there is. */
  take(): JobEvent[] {
    const events = this.#lost === 0 ? this.#events : [...this.#events, { event: 'lost' as const, data: { events: this.#lost } }];
    this.#events = [];
    this.#lost = 0;
    this.#filled = Promise.withResolvers<void>();
    return events;
  }
}
