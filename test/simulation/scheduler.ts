/**
 * Decides what happens next, by a seed. Everything that may happen is a pending action; each step picks one, runs it, and
 * lets the promises that hang on it settle before the next.
 */
import { Random } from '../../src/base/random.ts';

interface Pending {
  readonly run: () => void;
}

export class Scheduler {
  readonly random: Random;
  #pending: Pending[] = [];
  #steps = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  get steps(): number {
    return this.#steps;
  }

  get idle(): boolean {
    return this.#pending.length === 0;
  }

  /** Some time later, after or before anything else that is pending. */
  later(run: () => void): void {
    this.#pending.push({ run });
  }

  /** Time is the number of steps. */
  now(): number {
    return this.#steps;
  }

  /** Runs one pending action, chosen at random, and all that follows from it at once. */
  async step(): Promise<void> {
    const index = this.random.below(this.#pending.length);
    const chosen = this.#pending[index] as Pending;
    this.#pending[index] = this.#pending.at(-1) as Pending;
    this.#pending.pop();
    this.#steps += 1;
    chosen.run();
    await settled();
  }

  chance(oneIn: number): boolean {
    return this.random.below(oneIn) === 0;
  }
}

/** A turn of the event loop: every promise that can settle without an action has. */
export function settled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}
