/** A process of the simulated job: what it has still to do is done later, is held while it is frozen, and lost when it dies. */
import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import type { Scheduler } from './scheduler.ts';

const TURN_MS = 50;
const MAX_WAIT_TURNS = 20;

export class SimProcess implements Clock {
  readonly pid: number;
  readonly scheduler: Scheduler;
  #state: 'running' | 'frozen' | 'dead' = 'running';
  #held: (() => void)[] = [];
  readonly #whenDead: (() => void)[] = [];

  constructor(scheduler: Scheduler, pid: number) {
    this.scheduler = scheduler;
    this.pid = pid;
  }

  get state(): 'running' | 'frozen' | 'dead' {
    return this.#state;
  }

  get alive(): boolean {
    return this.#state !== 'dead';
  }

  get random(): Random {
    return this.scheduler.random;
  }

  chance(oneIn: number): boolean {
    return this.scheduler.chance(oneIn);
  }

  later(action: () => void): void {
    this.scheduler.later(() => this.run(action));
  }

  /** At once, unless it is frozen or dead. */
  run(action: () => void): void {
    if (this.#state === 'running') action();
    else if (this.#state === 'frozen') this.#held.push(action);
  }

  pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.later(resolve);
    return promise;
  }

  now(): number {
    return this.scheduler.now();
  }

  /** Longer waits take more turns, but no certain time. */
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = (left: number) => this.later(() => (left > 0 && signal?.aborted !== true ? turn(left - 1) : resolve()));
    turn(Math.min(MAX_WAIT_TURNS, Math.floor(ms / TURN_MS)));
    signal?.addEventListener('abort', () => resolve());
    return promise;
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    for (const action of this.#held.splice(0)) this.later(action);
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#held = [];
    for (const tell of this.#whenDead.splice(0)) tell();
  }

  whenDead(tell: () => void): void {
    if (this.#state === 'dead') tell();
    else this.#whenDead.push(tell);
  }
}
