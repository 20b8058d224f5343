/** Hands what happens to a job on to a listener in this process, across a leader that is started again. */
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { ControlClient } from '../control/client.ts';
import { readJobEvents } from '../control/event-stream.ts';
import { isEndedState } from '../leader/job-record.ts';
import type { JobEvent } from './job-events.ts';

/** The last event comes with the job's end; where it does not, the leader has gone meanwhile. */
const END_WAIT_MS = 5_000;

/** How soon a leader that has broken off is asked again. */
const RETRY_MS = 500;

export class EventRelay {
  readonly #client: ControlClient;
  readonly #job: string;
  readonly #listener: (event: JobEvent) => void;
  readonly #over = new AbortController();
  #isTold = false;

  constructor(client: ControlClient, job: string, listener: (event: JobEvent) => void) {
    this.#client = client;
    this.#job = job;
    this.#listener = listener;
  }

  /** Until the job has ended. Rejects with what the listener throws, and with PROTOCOL. */
  async relay(): Promise<void> {
    while (!this.#over.signal.aborted && !this.#isTold) {
      try {
        const bytes = await this.#client.eventBytes(this.#job, this.#over.signal);
        for await (const event of readJobEvents(unbroken(bytes))) this.#tell(event);
      } catch (error) {
        if (this.#over.signal.aborted) return;
        if (!(error instanceof RainstormError && error.code === 'UNREACHABLE')) throw error;
      }
      if (!this.#isTold) await systemClock.wait(RETRY_MS, this.#over.signal);
    }
  }

  /** The job has ended: what is not told soon is not told any more. */
  async end(relaying: Promise<void>): Promise<void> {
    const timer = new AbortController();
    await Promise.race([relaying, systemClock.wait(END_WAIT_MS, timer.signal)]);
    timer.abort();
    this.#over.abort();
    await relaying;
  }

  #tell(event: JobEvent): void {
    this.#isTold ||= event.event === 'state' && isEndedState(event.data.state);
    this.#listener(event);
  }
}

/** Bytes whose end before time says whose fault it is. */
async function* unbroken(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (cause) {
    throw new RainstormError('UNREACHABLE', 'the leader broke off while it told what happens', { cause });
  }
}
