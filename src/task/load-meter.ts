import type { Clock } from '../base/clock.ts';
import type { TaskLoad } from '../job/task-status.ts';
import type { OperatorAttempt } from './operator-attempt.ts';

/**
 * `down`: no operator runs. `waiting`: for input. `working`: it has some. `blocked`: by its consumers.
 *
 * What lies in the operator's pipe, up to 64 KiB, it has been given: nobody but itself knows how much of it is left.
 */
export type LoadState = 'down' | 'waiting' | 'working' | 'blocked';

/** Adds up how long an operator was in which state. To be told to `look` whenever that may have changed. */
export class LoadMeter {
  readonly #clock: Clock;
  readonly #stateNow: () => LoadState;
  readonly #totalMs: Record<LoadState, number> = { down: 0, waiting: 0, working: 0, blocked: 0 };
  #state: LoadState = 'down';
  #since: number;

  constructor(clock: Clock, stateNow: () => LoadState) {
    this.#clock = clock;
    this.#stateNow = stateNow;
    this.#since = clock.now();
  }

  look(): void {
    const state = this.#stateNow();
    if (state === this.#state) return;
    this.#addUp();
    this.#state = state;
  }

  totals(backlogBytes: number): TaskLoad {
    this.look();
    this.#addUp();
    const { waiting, working, blocked } = this.#totalMs;
    return { upMs: waiting + working + blocked, workingMs: working, blockedMs: blocked, backlogBytes };
  }

  #addUp(): void {
    const now = this.#clock.now();
    this.#totalMs[this.#state] += now - this.#since;
    this.#since = now;
  }
}

/** Of an attempt that was started, with so much input before it. */
export function loadStateOf(attempt: Pick<OperatorAttempt, 'over' | 'full' | 'groups' | 'outlet'>, backlogBytes: number): LoadState {
  if (attempt.over || attempt.groups.length === 0) return 'down';
  if (attempt.outlet.router.full) return 'blocked';
  return attempt.full || backlogBytes > 0 ? 'working' : 'waiting';
}
