/**
 * Which tuple an operator dies of, found by trials: a decision of its own, without I/O.
 *
 * PS1 The operator passes with all tuples before it and crashes with it as well. A trial that is killed from outside says
 *     neither, and is repeated.
 * PS2 It is the tuple and not its place: with another in its place the operator passes. A crash that comes at the end of any
 *     input, or after so many tuples whatever they are, is no tuple's fault.
 * PS3 With the tuples before it the operator prints everything that consumers have, and each of them has said what that is (SK3).
 * PS4 The search ends: each trial halves what is left, and there are `MAX_TRIALS` at the most.
 */
import type { TrialInput, Verdict } from './trial.ts';

export interface SearchField {
  /** How many tuples there are. */
  readonly tuples: number;
  /** The operator was given up for a death by SIGKILL. */
  readonly bySigkill: boolean;
  tryOut(input: TrialInput, compare: boolean): Promise<Verdict>;
  /** The bytes of one. */
  tuple(ordinal: number): Promise<Buffer>;
}

export type SearchResult =
  /** `ordinal`: 0 for the first. */
  | { readonly kind: 'found'; readonly ordinal: number }
  | { readonly kind: 'none'; readonly reason: string };

/** More than it takes to find one of 2^50 tuples, with room for trials that are killed from outside. */
const MAX_TRIALS = 100;

/** Where an operator was given up for deaths by SIGKILL, it may be the tuple for which the kernel is short of memory: after so many it is taken for a crash. */
const MAX_KILLS = 3;

/** Why a search came to no answer. */
class NoAnswer extends Error {}

/** PS3 */
const NOT_LEFT_OUT = {
  crashed: 'it does not die of the same tuples each time',
  diverged: 'the next stage has output already that does not come of the tuples before it alone',
  untold: 'a task of the next stage had enough, and does not say any more what it has taken',
} as const satisfies Partial<Record<Verdict, string>>;

export class PoisonSearch {
  readonly #field: SearchField;
  #trials = 0;

  constructor(field: SearchField) {
    this.#field = field;
  }

  /** Rejects with what a trial rejects with. */
  async find(): Promise<SearchResult> {
    try {
      return { kind: 'found', ordinal: await this.#find() };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { kind: 'none', reason: error.message };
    }
  }

  async #find(): Promise<number> {
    const { tuples } = this.#field;
    if (await this.#crashes({ tuples: 0 })) throw new NoAnswer('it dies without being fed anything, too');
    if (!(await this.#crashes({ tuples }))) throw new NoAnswer(`it does not die of the same ${tuples} tuples in a trial`);
    const found = await this.#halve();
    if (!(await this.#crashes({ tuples: found + 1 }))) throw new NoAnswer('it does not die of the same tuples each time');
    if (!(await this.#anotherPasses(found))) throw new NoAnswer('it dies whatever tuple comes in that place, or at the end of its input');
    const verdict = await this.#try({ tuples: found }, true);
    if (verdict === 'passed') return found;
    throw new NoAnswer(NOT_LEFT_OUT[verdict]);
  }

  /** PS1: with so many tuples it passes, and crashes with one more. */
  async #halve(): Promise<number> {
    let passing = 0;
    let crashing = this.#field.tuples;
    while (crashing - passing > 1) {
      const middle = passing + Math.floor((crashing - passing) / 2);
      if (await this.#crashes({ tuples: middle })) crashing = middle;
      else passing = middle;
    }
    return passing;
  }

  /** PS2. Where there is no other tuple, it is that one. */
  async #anotherPasses(found: number): Promise<boolean> {
    const others = this.#others(found);
    for (const other of others) {
      if (!(await this.#crashes({ tuples: found, another: await this.#field.tuple(other) }))) return true;
    }
    return others.length === 0;
  }

  /** Those behind it and the one before, then some farther away. */
  #others(found: number): number[] {
    const { tuples } = this.#field;
    const wanted = [found + 1, found - 1, found + 2, tuples - 1, Math.floor((found + tuples) / 2), Math.floor(found / 2)];
    return [...new Set(wanted)].filter((ordinal) => ordinal >= 0 && ordinal < tuples && ordinal !== found);
  }

  async #crashes(input: TrialInput): Promise<boolean> {
    return (await this.#try(input, false)) === 'crashed';
  }

  async #try(input: TrialInput, compare: boolean): Promise<'passed' | keyof typeof NOT_LEFT_OUT> {
    const { bySigkill } = this.#field;
    for (let kills = 0; !bySigkill || kills < MAX_KILLS; kills++) {
      this.#trials += 1;
      if (this.#trials > MAX_TRIALS) throw new NoAnswer(`it was not found in ${MAX_TRIALS} trials`);
      const verdict = await this.#field.tryOut(input, compare);
      if (verdict === 'stopped') throw new NoAnswer('the search was ended before it came to an answer');
      if (verdict !== 'killed') return verdict;
    }
    return 'crashed';
  }
}
