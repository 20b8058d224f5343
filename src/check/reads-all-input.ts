/** Does it read its input to the end? One that does not, as `head`, ends its stage early. */
import { describeExit } from '../task/exit-verdict.ts';
import type { Finding } from './finding.ts';
import { feedMuch } from './long-input.ts';
import type { Reference } from './reference.ts';
import type { Trials } from './trials.ts';

const CHECK = 'reads-all-input';

/** `reference`: of a sample that the program did not fail on. */
export async function checkReadsAllInput(trials: Trials, { sample }: Reference): Promise<Finding> {
  return await trials.watch(async (trial): Promise<Finding> => {
    const fed = await feedMuch(trial, sample.tuples, () => trial.hadEnough);
    if (fed === 'slow') return { check: CHECK, verdict: 'unknown', why: 'it reads too slowly to tell' };
    trial.endInput();
    const end = await trial.ended;
    if (end.failure !== undefined) {
      return { check: CHECK, verdict: 'unknown', why: `over a long input \`${end.failure.command}\` ${describeExit(end.failure)}` };
    }
    if (end.early) return { check: CHECK, verdict: 'no', why: 'it ends before its input does; its stage is then finished, and the rest of the input is dropped' };
    const remark = end.newlineAdded ? '; its last line has no newline, which a job adds' : '';
    return { check: CHECK, verdict: 'yes', why: `it reads to the end of a long input${remark}` };
  });
}
