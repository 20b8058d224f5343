/**
 * Tells whether one copy of an operator stands still though it has something to do.
 *
 * ST1 It has something to do while its pipe has not taken all input that was written, or its input has ended and it has not.
 * ST2 Whatever it reads or prints is progress, in any piece and on any pipe; nothing else is.
 * ST3 While its output is held back by us it is not judged: it may be waiting for us.
 * ST4 Who was held up itself does not judge: it only now learns what came meanwhile.
 * ST5 There is one timer at most, armed when there is something to do.
 */
import type { Clock } from '../base/clock.ts';

export interface StallSettings {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** It stands still, and has for `quietMs`; it moves again; or it is gone while it stood still. */
  readonly changed: (to: 'still' | 'moving' | 'gone', quietMs: number) => void;
}

export interface Watched {
  /** ST1, ST3 */
  readonly hasToMove: () => boolean;
  /** What its pipe has not taken of what was written, in bytes. */
  readonly pendingBytes: () => number;
}

/** A timer that is later than this was held up together with all that it should have heard. */
const LATE_MS = 1_000;

export class StallWatch {
  readonly #settings: StallSettings;
  readonly #watched: Watched;
  /** Since when it has something to do; undefined while it has not. */
  #since: number | undefined;
  #movedAt = 0;
  #pendingBytes = 0;
  #still = false;
  #timer: AbortController | undefined;
  #over = false;

  constructor(settings: StallSettings, watched: Watched) {
    this.#settings = settings;
    this.#watched = watched;
  }

  /** ST2 */
  moved(): void {
    this.#movedAt = this.#settings.clock.now();
    if (this.#still) this.#tell('moving');
  }

  /** Something has changed that decides whether it has something to do. */
  look(): void {
    if (this.#over) return;
    if (this.#watched.hasToMove()) this.#since ??= this.#settings.clock.now();
    else this.#since = undefined;
    if (this.#since === undefined && this.#still) this.#tell('moving');
    if (this.#since !== undefined && this.#timer === undefined) this.#arm(this.#settings.timeoutMs);
  }

  /** It is gone. */
  end(): void {
    this.#over = true;
    this.#timer?.abort();
    if (this.#still) this.#tell('gone');
  }

  #tell(to: 'moving' | 'gone'): void {
    this.#still = false;
    this.#settings.changed(to, 0);
  }

  /** ST5 */
  #arm(ms: number): void {
    const { clock } = this.#settings;
    const timer = new AbortController();
    this.#timer = timer;
    this.#pendingBytes = this.#watched.pendingBytes();
    const due = clock.now() + ms;
    void clock.wait(ms, timer.signal).then(() => {
      if (timer.signal.aborted) return;
      this.#judge(clock.now() - due);
    });
  }

  #judge(lateMs: number): void {
    this.look();
    this.#timer = undefined;
    if (this.#since === undefined) return;
    // ST2: it may have taken a part of what is being written. ST4.
    if (this.#watched.pendingBytes() !== this.#pendingBytes || lateMs > LATE_MS) this.moved();
    const { timeoutMs, clock, changed } = this.#settings;
    const quietMs = clock.now() - Math.max(this.#since, this.#movedAt);
    this.#arm(quietMs >= timeoutMs ? timeoutMs : timeoutMs - quietMs);
    if (quietMs < timeoutMs || this.#still) return;
    this.#still = true;
    changed('still', quietMs);
  }
}
