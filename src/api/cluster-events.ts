/** All jobs and workers of a leader, for all clients that follow them: worked out and put into words once a second, whoever listens. */
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import type { ClusterEvent } from '../control/cluster-event.ts';
import type { JobSummary } from '../control/views.ts';
import { summaryOfEnded, summaryOfRun } from '../leader/job-summary.ts';
import type { Leader } from '../leader/leader.ts';
import { EventQueue } from './event-queue.ts';
import { serverSent } from './server-sent.ts';

/** Other leaders' jobs end in the same data folder, too; so often it is looked into while somebody listens. */
const FOLDER_LOOK_MS = 10_000;

export class ClusterFeed {
  readonly #leader: Leader;
  /** Each with what it was told last of the jobs: they may change between two looks, and who joins then is told at once. */
  readonly #clients = new Map<EventQueue, string>();
  #off: (() => void) | undefined;
  #others: readonly JobSummary[] = [];
  #lookedAt = -Infinity;
  #endedThen = -1;

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  /** What one client is sent, until the signal. */
  async *follow(gone: AbortSignal): AsyncGenerator<string> {
    // Both kinds are whole states: of one who is behind only the newest are kept.
    const queue = new EventQueue(() => '');
    const leave = () => queue.end();
    gone.addEventListener('abort', leave);
    try {
      await this.#lookIntoFolder(Date.now());
      const jobs = this.#jobsInWords();
      this.#join(queue, jobs);
      yield jobs;
      yield this.#workersInWords();
      if (!gone.aborted) yield* queue.all();
    } finally {
      gone.removeEventListener('abort', leave);
      this.#leave(queue);
    }
  }

  #join(queue: EventQueue, told: string): void {
    this.#clients.set(queue, told);
    this.#off ??= this.#leader.onLook(() => this.#look());
  }

  #leave(queue: EventQueue): void {
    this.#clients.delete(queue);
    if (this.#clients.size > 0) return;
    this.#off?.();
    this.#off = undefined;
  }

  #look(): void {
    void this.#lookIntoFolder(Date.now());
    const jobs = this.#jobsInWords();
    const workers = this.#workersInWords();
    for (const [client, told] of this.#clients) {
      if (jobs !== told) client.replace('jobs', jobs);
      this.#clients.set(client, jobs);
      client.replace('workers', workers);
    }
  }

  #jobsInWords(): string {
    const runs = this.#leader.runs();
    const own = new Set(runs.map(({ job }) => job));
    const all = [...runs.map(summaryOfRun), ...this.#others.filter(({ job }) => !own.has(job))];
    return words({ event: 'jobs', data: all.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)) });
  }

  #workersInWords(): string {
    return words({ event: 'workers', data: this.#leader.workers() });
  }

  async #lookIntoFolder(now: number): Promise<void> {
    const runs = this.#leader.runs();
    const ended = runs.filter(({ endedAt }) => endedAt !== undefined).length;
    if (now - this.#lookedAt < FOLDER_LOOK_MS && ended === this.#endedThen) return;
    [this.#lookedAt, this.#endedThen] = [now, ended];
    try {
      const others = await this.#leader.ended.list(new Set(runs.map(({ job }) => job)));
      this.#others = others.map(summaryOfEnded);
    } catch (error) {
      if (!(error instanceof RainstormError) && errnoOf(error) === undefined) throw error;
      this.#leader.log.text('NOTE', `ended jobs cannot be listed: ${messageOf(error)}`);
    }
  }
}

function words(event: ClusterEvent): string {
  return serverSent(event);
}
