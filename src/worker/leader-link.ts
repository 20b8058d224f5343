/**
 * What a worker tells its leader, and what it does when there is none.
 *
 * V1 A report is the whole state, not a change: one that got lost costs nothing but a moment.
 * V2 A change is reported at once, otherwise each second; one report is under way at a time.
 * V3 Who does not reach the leader works on and says so: another may take the jobs over. Who has not reached one for
 *    `leaderlessMs` ends its operators and itself, so nothing is left of a job whose leader died.
 * V4 A leader that does not know this worker is a new one: the worker registers again.
 */
import { RainstormError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { WorkerInfo, WorkerReport } from '../control/schemas.ts';

const REPORT_MS = 1_000;

/** A leader that takes longer for an answer is away; the next report has the newer state anyway. */
const REPORT_TIMEOUT_MS = 3_000;

export interface LeaderLinkOptions {
  readonly client: ControlClient;
  readonly info: WorkerInfo;
  readonly leaderlessMs: number;
  readonly clock: Clock;
  report(): WorkerReport;
  /** The leader's jobs, after each report. */
  known(jobs: readonly string[]): void;
  /** For the logs of what is hosted here. */
  note(text: string): void;
  /** V3, or the leader refuses this worker. */
  lost(error: RainstormError): void;
}

export class LeaderLink {
  readonly #options: LeaderLinkOptions;
  readonly #ended = new AbortController();
  #wake: AbortController | undefined;
  #changed = false;
  #heardAt = 0;
  #silent = false;

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
      const known = await client.call(leaderRoutes.report, this.#options.report(), { params: { worker: info.worker }, timeoutMs: REPORT_TIMEOUT_MS });
      this.#heardAt = clock.now();
      this.#tellSilence(false);
      if (!this.#ended.signal.aborted) this.#options.known(known.jobs);
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      if (this.#ended.signal.aborted) return;
      if (error.code === 'UNKNOWN_WORKER') return this.#registerAgain();
      if (error.code !== 'UNREACHABLE' || clock.now() - this.#heardAt > leaderlessMs) return this.#lose(error);
      this.#tellSilence(true);
      await clock.wait(RETRY_MS, this.#ended.signal);
      this.#changed = true;
    }
  }

  /** V4 */
  async #registerAgain(): Promise<void> {
    try {
      await this.#options.client.call(leaderRoutes.register, this.#options.info);
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      if (error.code !== 'UNREACHABLE') return this.#lose(error);
    }
    this.#changed = true;
  }

  #lose(error: RainstormError): void {
    this.#ended.abort();
    this.#options.lost(error);
  }

  /** V3: once for each silence. */
  #tellSilence(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    const patienceSeconds = this.#options.leaderlessMs / 1000;
    this.#options.note(silent ? `the leader does not answer; the task goes on for up to ${patienceSeconds} s without one` : 'the leader answers again');
  }
}

const RETRY_MS = 200;
