/** How does it end: for its samples, and for an empty input, which a task gets that no tuple is meant for? */
import { describeExit, type MemberExit } from '../task/exit-verdict.ts';
import { showTuple } from './difference.ts';
import type { Finding } from './finding.ts';
import type { Reference } from './reference.ts';
import type { Trials } from './trials.ts';

export async function checkExitStatus(trials: Trials, references: readonly Reference[]): Promise<Finding> {
  const check = 'exit-status';
  const taken = references.filter(({ end }) => end.failure === undefined);
  if (taken.length === 0) {
    const [first] = references;
    const exit = first?.end.failure;
    const words = first?.end.lastWords.at(-1);
    const said = words === undefined ? '' : `, and said: ${showTuple(Buffer.from(words))}`;
    return { check, verdict: 'no', why: `for ${references.length === 1 ? 'the sample' : 'every sample'} ${exit === undefined ? 'it failed' : told(exit)}${said}` };
  }
  const { failure } = await trials.run([]);
  if (failure === undefined) return { check, verdict: 'yes', why: `for the ${taken.length === 1 ? 'sample' : 'samples'} and for an empty input it ended well` };
  const remedy = failure.status === undefined ? '' : `; if that is no failure, give the stage okExit: [${failure.status}]`;
  return { check, verdict: 'no', why: `for an empty input, which a task may get, ${told(failure)}${remedy}` };
}

function told(exit: MemberExit): string {
  return `\`${exit.command}\` ${describeExit(exit)}`;
}
