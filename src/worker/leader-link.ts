/**
 * What a worker tells its leader, and what it does when there is none.
 *
 * V1 A report is the whole state, not a change: one that got lost costs nothing but a moment.
 * V2 A change is reported at once, otherwise each second; one report is under way at a time.
 * V3 Who has not reached the leader for `leaderlessMs` ends its operators and itself, so nothing is left of a job whose
 *    leader died.
 */
import { RainstormError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { WorkerInfo, WorkerReport } from '../control/schemas.ts';

const REPORT_MS = 1_000;

export interface LeaderLinkOptions {
  readonly client: ControlClient;
  readonly info: WorkerInfo;
  readonly leaderlessMs: number;
  readonly clock: Clock;
  report(): WorkerReport;
  /** The leader's jobs, after each report. */
  known(jobs: readonly string[]): void;
  /** V3, or the leader refuses this worker. */
  lost(error: RainstormError): void;
}

export class LeaderLink {
  readonly #options: LeaderLinkOptions;
  readonly #ended = new AbortController();
  #wake: AbortController | undefined;
  #changed = false;
  #heardAt = 0;

  constructor(options: LeaderLinkOptions) {
    this.#options = options;
  }

  /** Registers; throws UNREACHABLE or WRONG_TOKEN. From then on it reports until `end`. */
  async start(): Promise<void> {
    await this.#options.client.call(leaderRoutes.register, this.#options.info);
    this.#heardAt = this.#options.clock.now();
    void this.#reportOn();
  }

  /** Something changed that the leader should hear now. */
  changed(): void {
    this.#changed = true;
    this.#wake?.abort();
  }

  end(): void {
    this.#ended.abort();
    this.#wake?.abort();
  }

  async #reportOn(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#reportOnce();
      if (!this.#changed && !this.#ended.signal.aborted) {
        this.#wake = new AbortController();
        await this.#options.clock.wait(REPORT_MS, this.#wake.signal);
        this.#wake = undefined;
      }
    }
  }

  async #reportOnce(): Promise<void> {
    const { client, info, clock, leaderlessMs } = this.#options;
    this.#changed = false;
    try {
      const known = await client.call(leaderRoutes.report, this.#options.report(), { params: { worker: info.worker }, timeoutMs: leaderlessMs });
      this.#heardAt = clock.now();
      if (!this.#ended.signal.aborted) this.#options.known(known.jobs);
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      if (this.#ended.signal.aborted) return;
      if (error.code !== 'UNREACHABLE' || clock.now() - this.#heardAt > leaderlessMs) {
        this.#ended.abort();
        return this.#options.lost(error);
      }
      await clock.wait(RETRY_MS, this.#ended.signal);
      this.#changed = true;
    }
  }
}

const RETRY_MS = 200;
