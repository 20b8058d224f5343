/** When does it print: at each tuple, when a buffer of its own is full, or at the end of its input only? */
import type { Finding } from './finding.ts';
import { feedMuch } from './long-input.ts';
import { firstOutputMsOf, type Reference } from './reference.ts';
import type { Trial } from './trial.ts';
import type { Trials } from './trials.ts';

const CHECK = 'prints-at-once';

/** `reference`: of a sample that the program printed something for. */
export async function checkPrintsAtOnce(trials: Trials, reference: Reference): Promise<Finding> {
  const { tuples } = reference.sample;
  const few = await fewestThatPrint(trials, tuples);
  const prints = await trials.watch((trial) => watchPrinting(trial, { few, tuples, waitMs: firstOutputMsOf(reference) }));
  switch (prints) {
    case 'at once': return { check: CHECK, verdict: 'yes', why: 'it prints while its input is still open', prints };
    case 'in blocks': return { check: CHECK, verdict: 'no', why: 'it prints when a buffer of its own is full', prints };
    case 'at the end': return { check: CHECK, verdict: 'no', why: 'it prints at the end of its input only', prints };
    case undefined: return { check: CHECK, verdict: 'unknown', why: 'it reads too slowly to tell' };
  }
}

/** As few tuples as bring output at all, in powers of two: what they bring does not fill a buffer. */
async function fewestThatPrint(trials: Trials, tuples: readonly Buffer[]): Promise<readonly Buffer[]> {
  for (let count = 1; count < tuples.length; count *= 2) {
    const few = tuples.slice(0, count);
    const { output } = await trials.run(few);
    if (output.length > 0) return few;
  }
  return tuples;
}

interface Watching {
  readonly few: readonly Buffer[];
  readonly tuples: readonly Buffer[];
  readonly waitMs: number;
}

async function watchPrinting(trial: Trial, { few, tuples, waitMs }: Watching): Promise<Finding['prints']> {
  await trial.feed(Buffer.concat(few));
  if (await trial.printsMoreThan(0, waitMs)) return 'at once';
  const fed = await feedMuch(trial, tuples, () => trial.outputBytes > 0);
  if (fed === 'slow') return undefined;
  return (await trial.printsMoreThan(0, waitMs)) ? 'in blocks' : 'at the end';
}
