import type { StagePlan } from '../job/plan.ts';
import type { OperatorTaskOptions } from './operator-task-options.ts';
import type { StallSettings } from './stall-watch.ts';

interface StallReportOptions extends Pick<OperatorTaskOptions, 'clock' | 'log' | 'changed'> {
  readonly stage: Pick<StagePlan, 'stallTimeoutMs' | 'onStall'>;
  readonly attempt: number;
  /** Ends the attempt, for another to be made. */
  readonly kill: () => void;
}

/** What is said and done about an attempt that stands still. */
export class StallReport {
  readonly #options: StallReportOptions;
  /** Copies of the operator that stand still. */
  #still = 0;
  #killedAfterMs: number | undefined;

  constructor(options: StallReportOptions) {
    this.#options = options;
  }

  /** For each copy of the attempt; undefined where nobody is to be watched. */
  get settings(): StallSettings | undefined {
    const { stage, clock } = this.#options;
    const timeoutMs = stage.stallTimeoutMs ?? 0;
    return timeoutMs === 0 ? undefined : { timeoutMs, clock, changed: (to, quietMs) => this.#changed(to, Math.round(quietMs)) };
  }

  get stalled(): boolean {
    return this.#still > 0;
  }

  /** How long it had stood still when it was killed for that, if it was. */
  get killedAfterMs(): number | undefined {
    return this.#killedAfterMs;
  }

  #changed(to: 'still' | 'moving' | 'gone', quietMs: number): void {
    const { log, attempt, changed } = this.#options;
    this.#still += to === 'still' ? 1 : -1;
    if (to === 'still') log.event('STALLED', `attempt=${attempt} ms=${quietMs} it has something to do, but neither reads nor prints`);
    if (to === 'moving') log.event('NOTE', 'the operator goes on');
    changed();
    if (to === 'still') this.#react(quietMs);
  }

  #react(quietMs: number): void {
    const { stage, log, kill } = this.#options;
    if (stage.onStall !== 'restart' || this.#killedAfterMs !== undefined) return;
    this.#killedAfterMs = quietMs;
    log.event('KILLED', 'SIGKILL because it stands still');
    kill();
  }
}
