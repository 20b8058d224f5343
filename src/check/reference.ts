/** A sample that the program copes with, and what it prints for it in one undisturbed run. */
import type { Sample } from './sample.ts';
import type { Trials } from './trials.ts';
import type { TrialEnd } from './trial.ts';

export interface Reference {
  readonly sample: Sample;
  readonly end: TrialEnd;
  /** When the run began, in milliseconds of `performance.now()`. */
  readonly startedAt: number;
  readonly tookMs: number;
}

/** What a program needs to read what lies in its pipe once it runs; that it has read is no event that shows. */
const READING_MS = 60;
/** A program that is slower is not waited for any longer: it only costs a check some of its sharpness. */
const MAX_READING_MS = 1_000;

const FIRST_OUTPUT_MS = 300;
const MAX_FIRST_OUTPUT_MS = 3_000;

/** How long to wait until the program, just started, has read a first bit of its input: longer than a whole run takes. */
export function readingMsOf({ tookMs }: Reference): number {
  return Math.min(MAX_READING_MS, READING_MS + 2 * tookMs);
}

/** How long to wait for a first output before it is taken for none: that nothing comes is no event. */
export function firstOutputMsOf({ tookMs }: Reference): number {
  return Math.min(MAX_FIRST_OUTPUT_MS, FIRST_OUTPUT_MS + 4 * tookMs);
}

/** Pauses behind the first writes: it has to start before the first, and only to read before the others. */
export function pausesOf(reference: Reference): readonly number[] {
  return [readingMsOf(reference), READING_MS, READING_MS];
}

/** Runs every sample once. */
export async function runSamples(trials: Trials, samples: readonly Sample[]): Promise<Reference[]> {
  return await Promise.all(samples.map(async (sample) => {
    const startedAt = performance.now();
    const end = await trials.run(sample.tuples);
    return { sample, end, startedAt, tookMs: performance.now() - startedAt };
  }));
}

/** Those which it did not fail on, and printed something for: only they can show anything. */
export function telling(references: readonly Reference[]): Reference[] {
  return references.filter(({ end }) => end.failure === undefined && end.output.length > 0);
}
