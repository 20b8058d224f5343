import type { Clock } from '../base/clock.ts';
import type { CheckpointEvery } from '../job/contract.ts';
import type { StagePlan } from '../job/plan.ts';

/** Less new input than this is read again faster than an operator starts. */
const MIN_BYTES = 16 * 1024 * 1024;

/** A cut costs the start of a process each time: at full speed one every half second is borne, not one every 50 ms. */
const MIN_CUT_BYTES = 32 * 1024 * 1024;

/** State is written at each checkpoint: with so many times its size in new input between them that costs a quarter more, not a multiple. */
const TIMES_STATE = 4;

/** Where little comes, a checkpoint this long after the last one keeps recovery short all the same. */
const INTERVAL_MS = 1_000;

/** A cut starts a process, which where little comes is more work than what it saves. */
const CUT_INTERVAL_MS = 5_000;

/** An operator with a large state must not spend more than a twentieth of its time on handing it out. */
const TIMES_DURATION = 20;

/** When the next checkpoint of an attempt is due. */
export class CheckpointTiming {
  readonly #every: CheckpointEvery | undefined;
  readonly #minBytes: number;
  readonly #minMs: number;
  readonly #clock: Clock;
  readonly #fell: () => void;
  #newBytes = 0;
  #stateBytes = 0;
  #durationMs = 0;
  #late = false;
  #timer: AbortController | undefined;

  /** As often as is worth it where the stage does not say. `fell`: it has become due though nothing came. */
  constructor({ contract, checkpointEvery }: Pick<StagePlan, 'contract' | 'checkpointEvery'>, clock: Clock, fell: () => void) {
    this.#every = checkpointEvery;
    this.#minBytes = contract === 'snapshot' ? MIN_BYTES : MIN_CUT_BYTES;
    this.#minMs = contract === 'snapshot' ? INTERVAL_MS : CUT_INTERVAL_MS;
    this.#clock = clock;
    this.#fell = fell;
  }

  get due(): boolean {
    return this.#newBytes > 0 && (this.#late || this.#newBytes >= this.#dueBytes);
  }

  /** So much more has been fed since the last one. */
  fed(bytes: number): void {
    this.#newBytes += bytes;
    if (this.#timer === undefined && this.#every?.kind !== 'size') this.#arm();
  }

  /** It is due as soon as anything is new. */
  hurry(): void {
    this.#late = true;
  }

  /** One is begun: it covers what was fed. */
  begun(): void {
    this.stop();
    this.#newBytes = 0;
    this.#late = false;
  }

  /** One was recorded. */
  recorded(stateBytes: number, durationMs: number): void {
    this.#stateBytes = stateBytes;
    this.#durationMs = durationMs;
  }

  stop(): void {
    this.#timer?.abort();
    this.#timer = undefined;
  }

  get #dueBytes(): number {
    if (this.#every?.kind === 'time') return Infinity;
    return this.#every?.bytes ?? Math.max(this.#minBytes, TIMES_STATE * this.#stateBytes);
  }

  get #dueMs(): number {
    return this.#every?.kind === 'time' ? this.#every.ms : Math.max(this.#minMs, TIMES_DURATION * this.#durationMs);
  }

  #arm(): void {
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.wait(this.#dueMs, timer.signal).then(() => {
      if (timer.signal.aborted) return;
      this.#late = true;
      this.#fell();
    });
  }
}
