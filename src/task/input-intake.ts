import type { ChannelReceiver, ReceiverEvents } from '../wire/channel-receiver.ts';
import type { InputFeed } from './input-feed.ts';
import type { JournalEntry } from './input-journal.ts';
import type { OperatorTaskOptions, RecoveredInput } from './operator-task-options.ts';

/** What comes from producers. */
type Input = Extract<JournalEntry, { kind: 'frame' | 'fin' }>;

export interface InputIntakeOptions extends Pick<OperatorTaskOptions, 'journal' | 'log' | 'receivers'> {
  readonly feed: InputFeed;
  /** The task was stopped or has failed. */
  readonly over: () => boolean;
  /** Something was handed to the feed. */
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

/** What producers send to an operator's task: through the journal, if there is one, to the feed (T1). */
export class InputIntake {
  /** What its receivers call. */
  readonly events: ReceiverEvents;
  readonly #options: InputIntakeOptions;
  /** T3: resolves when it is journaled that the operator had enough. */
  readonly #finished = Promise.withResolvers<void>();
  #discarding: boolean;
  #tuples: number;

  constructor(options: InputIntakeOptions, recovered: RecoveredInput) {
    this.#options = options;
    this.#tuples = [...recovered.positions.values()].reduce((sum, { next }) => sum + next, 0);
    this.#discarding = recovered.finished;
    if (recovered.finished) {
      this.#finished.resolve();
      options.feed.discard();
    }
    this.events = {
      accepted: (receiver, first, count, bytes) => this.#accept(receiver, { kind: 'frame', producer: receiver.producer, first, count, bytes }),
      rejected: (receiver, first, count) => options.log.event('REJECTED', `channel=${receiver.name} first=${first} tuples=${count}`),
      ended: (receiver, sequence, superseded) => this.#accept(receiver, { kind: 'fin', producer: receiver.producer, sequence, superseded }),
    };
  }

  /** Recorded since the job began. */
  get tuples(): number {
    return this.#tuples;
  }

  /** What comes is dropped. */
  get discarding(): boolean {
    return this.#discarding;
  }

  /** T3: records that the operator had enough, and tells producers. Rejects as the journal's `append` does. */
  async discard(): Promise<void> {
    if (!this.#discarding) {
      this.#discarding = true;
      this.#options.feed.discard();
      await this.#options.journal?.append({ kind: 'finished' });
      this.#finished.resolve();
    }
    this.stopProducers();
  }

  /** T3: producers that have come since are told, too; not before it is recorded. */
  producersChanged(): void {
    if (this.#discarding) void this.#finished.promise.then(() => this.stopProducers());
  }

  stopProducers(): void {
    for (const receiver of this.#options.receivers()) receiver.stop();
  }

  /** T1. A producer on the same worker may be stopped later than this task, whose journal is closed by then. */
  #accept(receiver: ChannelReceiver, entry: Input): void {
    const { over, journal, failed } = this.#options;
    if (over()) return;
    const { digest } = receiver;
    if (this.#discarding) {
      return void this.#finished.promise.then(() => {
        // No producer may hear that it was taken, and not that it is dropped.
        receiver.stop();
        this.#recorded(receiver, entry, 0, digest);
      });
    }
    if (journal === undefined) return this.#recorded(receiver, entry, 0, digest);
    journal.append(entry).then((position) => this.#recorded(receiver, entry, position, digest)).catch(failed);
  }

  #recorded(receiver: ChannelReceiver, entry: Input, position: number, digest: number): void {
    const { feed, taken } = this.#options;
    if (entry.kind === 'fin') {
      feed.accept({ kind: 'fin', position, producer: entry.producer, superseded: entry.superseded });
      receiver.recorded(entry.sequence + 1);
    } else {
      this.#tuples += entry.count;
      receiver.recorded(entry.first + entry.count);
      feed.accept({ ...entry, receiver, position, digest });
    }
    taken();
  }
}
