/** Feeds a program much more than pipes and buffers hold, for as long as that is worth it. */
import { repeatTuples } from './repeat.ts';
import type { Trial } from './trial.ts';

/** More than the pipes of a short chain and its programs' buffers hold, so that what is not read shows. */
const INPUT_BYTES = 2 * 1024 * 1024;

/** A slow program is not waited for until it has read all of it. */
const FEEDING_LIMIT_MS = 3_000;

/**
 * Feeds `tuples` again and again. Gives `fed` when the program's pipe has everything, `enough` as soon as `enough` says so, and
 * `slow` when that took too long; then part of it is still on its way.
 */
export async function feedMuch(trial: Trial, tuples: readonly Buffer[], enough: () => boolean): Promise<'fed' | 'enough' | 'slow'> {
  let slow = false;
  const feeding = async (): Promise<'fed' | 'enough' | 'slow'> => {
    for (const piece of repeatTuples(tuples, INPUT_BYTES)) {
      if (slow) return 'slow';
      await trial.feed(piece);
      if (enough()) return 'enough';
    }
    return 'fed';
  };
  const { promise: late, resolve } = Promise.withResolvers<'slow'>();
  const timer = setTimeout(() => {
    slow = true;
    resolve('slow');
  }, Math.min(FEEDING_LIMIT_MS, trial.timeLimitMs / 2));
  try {
    return await Promise.race([feeding(), late]);
  } finally {
    clearTimeout(timer);
  }
}
