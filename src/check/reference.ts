/** A sample that the program copes with, and what it prints for it in one undisturbed run. */
import type { Sample } from './sample.ts';
import type { Trials } from './trials.ts';
import type { TrialEnd } from './trial.ts';

export interface Reference {
  readonly sample: Sample;
  readonly end: TrialEnd;
  /** When the run began, in milliseconds of `performance.now()`. */
  readonly startedAt: number;
}

/** Runs every sample once. */
export async function runSamples(trials: Trials, samples: readonly Sample[]): Promise<Reference[]> {
  return await Promise.all(samples.map(async (sample) => {
    const startedAt = performance.now();
    return { sample, end: await trials.run(sample.tuples), startedAt };
  }));
}

/** Those which it did not fail on, and printed something for: only they can show anything. */
export function telling(references: readonly Reference[]): Reference[] {
  return references.filter(({ end }) => end.failure === undefined && end.output.length > 0);
}
