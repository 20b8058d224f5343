/** Runs the program under check as often as the checks want, a few at a time, and leaves nothing of it behind. */
import { availableParallelism } from 'node:os';
import { RainstormError } from '../base/errors.ts';
import { killLeftBehind } from './left-behind.ts';
import type { Subject } from './subject.ts';
import { Trial, type TrialEnd } from './trial.ts';

/** More would not be faster on most machines, and each may be a pipeline that wants memory of its own. */
const MAX_TRIALS_AT_ONCE = 4;

export class Trials {
  readonly subject: Subject;
  readonly #places = Math.min(MAX_TRIALS_AT_ONCE, availableParallelism());
  readonly #live = new Set<Trial>();
  #busy = 0;
  readonly #waiting: (() => void)[] = [];
  #cancelled = false;

  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** Runs it with all of `input` at once. Throws CHECK_LIMIT, and CANCELLED after `cancel`. */
  run(input: readonly Buffer[]): Promise<TrialEnd> {
    return this.runInPieces([Buffer.concat(input)]);
  }

  /** Each piece is a write of its own; behind the first ones it gets so many milliseconds to read, unless it prints before. */
  runInPieces(pieces: readonly Buffer[], pausesMs: readonly number[] = []): Promise<TrialEnd> {
    return this.watch(async (trial) => {
      for (const [index, piece] of pieces.entries()) {
        await trial.feed(piece);
        const pauseMs = pausesMs[index];
        if (pauseMs !== undefined) await trial.printsMoreThan(trial.outputBytes, pauseMs);
      }
      trial.endInput();
      return await trial.ended;
    });
  }

  /** Starts it, and ends it if `use` has not. Throws as `run` does. */
  async watch<Result>(use: (trial: Trial) => Promise<Result>): Promise<Result> {
    await this.#place();
    try {
      this.#refuseCancelled();
      const trial = await Trial.start(this.subject);
      this.#live.add(trial);
      if (this.#cancelled) trial.kill();
      try {
        return await this.#use(trial, use);
      } finally {
        this.#live.delete(trial);
      }
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Ends what runs, for good: every run from now on throws CANCELLED. */
  cancel(): void {
    this.#cancelled = true;
    for (const trial of this.#live) trial.kill();
  }

  /** Resolves when nothing of the program is left. */
  async close(): Promise<void> {
    this.#cancelled = true;
    const ends = [...this.#live].map((trial) => {
      trial.kill();
      return trial.ended;
    });
    await Promise.all(ends);
    await killLeftBehind(this.subject.mark);
  }

  async #use<Result>(trial: Trial, use: (trial: Trial) => Promise<Result>): Promise<Result> {
    let result: Result;
    try {
      result = await use(trial);
    } finally {
      trial.kill();
      await trial.ended;
    }
    this.#refuseCancelled();
    // A run that was cut off has shown nothing, whatever `use` made of it.
    const { broken } = await trial.ended;
    if (broken !== undefined) throw broken;
    return result;
  }

  #refuseCancelled(): void {
    if (this.#cancelled) throw new RainstormError('CANCELLED', 'the check was cancelled');
  }

  async #place(): Promise<void> {
    this.#busy += 1;
    if (this.#busy <= this.#places) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }
}
