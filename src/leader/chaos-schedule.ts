/**
 * Decides what is killed when. Time and victims are handed in; nothing here waits or kills by itself.
 *
 * X1 The times of one kind of victim depend on the seed alone, not on other kinds, on who lives, or on how often it is asked.
 * X2 Who is killed depends on the seed, the number of the kill, and the set of those that live, not on their order.
 * X3 Kills that were missed, because nobody asked in time or nobody lived, are not made up for.
 */
import { Random } from '../base/random.ts';
import type { ChaosKind, ChaosRate } from '../job/chaos-argument.ts';

/** Something alive that can be killed. */
export interface Victim {
  readonly kind: ChaosKind;
  /** Unique among those of its kind: a task as in `2-0`, a worker's name. */
  readonly name: string;
}

/** The longest gap, in means: a demonstration must not wait for its next kill. */
const LONGEST_GAP = 3;
/** What is left of the mean of an exponential distribution that is cut there. */
const CUT_MEAN = 1 - (LONGEST_GAP * Math.exp(-LONGEST_GAP)) / (1 - Math.exp(-LONGEST_GAP));

const TWO_TO_32 = 2 ** 32;

/**
 * Times of kills in milliseconds, without end, the first behind `startedAt`, `periodMs` apart on average. The gaps are exponential, as those of
 * accidents are: they hit every moment of a recovery, the ones right after a kill most often.
 */
export function* killTimes(seed: number, periodMs: number, startedAt = 0): Generator<number, never, undefined> {
  const random = new Random(seed);
  for (let at = startedAt; ;) {
    const share = random.next() / TWO_TO_32;
    at += (-Math.log(1 - share * (1 - Math.exp(-LONGEST_GAP))) * periodMs) / CUT_MEAN;
    yield at;
  }
}

interface Course {
  readonly kind: ChaosKind;
  readonly times: Generator<number, never, undefined>;
  readonly choice: Random;
  /** On the clock of the start; kept as it is told, since a difference of times can be rounded below it. */
  dueAt: number;
}

export class ChaosSchedule {
  readonly #courses: readonly Course[];

  /** `seed`: any safe integer. `startedAt`: milliseconds of the clock by which `killDue` is asked. */
  constructor(rates: readonly ChaosRate[], seed: number, startedAt: number) {
    this.#courses = rates.map(({ kind, periodMs }) => {
      // X1: a stream of numbers of its own for each kind and purpose.
      const own = new Random(seed + KIND_OFFSET[kind]);
      const times = killTimes(own.next(), periodMs, startedAt);
      return { kind, times, choice: new Random(own.next()), dueAt: times.next().value };
    });
  }

  /** When `killDue` has something to do again, on the clock of the start; infinite if there is nothing to kill. */
  get nextAt(): number {
    return Math.min(...this.#courses.map((course) => course.dueAt));
  }

  /** Calls `kill` for those whose time has come: at most one of each kind. */
  killDue(now: number, living: readonly Victim[], kill: (victim: Victim) => void): void {
    for (const course of this.#courses) {
      if (course.dueAt > now) continue;
      let draw = 0;
      // X3: each kill has its draw, so that X2 holds however many were missed.
      for (; course.dueAt <= now; course.dueAt = course.times.next().value) draw = course.choice.next();
      const victim = pick(living.filter(({ kind }) => kind === course.kind), draw);
      if (victim !== undefined) kill(victim);
    }
  }
}

const KIND_OFFSET: Readonly<Record<ChaosKind, number>> = { tasks: 1, workers: 2, leader: 3 };

function pick(victims: readonly Victim[], draw: number): Victim | undefined {
  const sorted = victims.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return sorted[Math.floor((draw / TWO_TO_32) * sorted.length)];
}
