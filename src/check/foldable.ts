/** Can what it prints be read back in the place of what it was printed for? f(f(a) + b) = f(a + b) */
import { describeExit, type MemberExit } from '../task/exit-verdict.ts';
import { differenceOf, exampleOf, type Difference } from './difference.ts';
import type { CheckName, Finding } from './finding.ts';
import { cutAt, exampleCuts, fewTupleCuts, SAMPLES_CUT_OFTEN, tupleCuts } from './pieces.ts';
import type { Reference } from './reference.ts';
import { shrink } from './shrink.ts';
import type { Trials } from './trials.ts';

/** From this share of the input on, a state is hardly smaller than the input it stands for. */
const LARGE_STATE_SHARE = 0.5;

interface Folded {
  readonly tuples: readonly Buffer[];
  readonly cuts: readonly number[];
  readonly expected: Buffer;
  readonly got: Buffer;
  readonly difference: Difference;
  readonly failure: MemberExit | undefined;
}

/** `check`: under which name the finding is told. Every reference is one that the program prints something for. */
export async function checkFoldable(trials: Trials, references: readonly Reference[], check: CheckName = 'foldable'): Promise<Finding> {
  let reordered = false;
  for (const [index, { sample, end }] of references.entries()) {
    const cuts = index < SAMPLES_CUT_OFTEN && check === 'foldable' ? tupleCuts : fewTupleCuts;
    for await (const folded of foldings(trials, sample.tuples, end.output, cuts)) {
      reordered ||= folded.difference === 'order';
      if (folded.failure !== undefined) return { check, verdict: 'no', why: `fed with its own output, \`${folded.failure.command}\` ${describeExit(folded.failure)}` };
      if (folded.difference === 'content') return await describe(trials, folded, check);
    }
  }
  const order = reordered ? ', but for the order of its lines' : '';
  const growing = keepsMuch(references) ? '; but its state, which is what it prints, is about as long as its input' : '';
  return { check, verdict: 'yes', why: `fed with its own output and the rest of the input, it prints what one run prints${order}${growing}` };
}

function keepsMuch(references: readonly Reference[]): boolean {
  const inputBytes = references.flatMap(({ sample }) => sample.tuples).reduce((sum, tuple) => sum + tuple.length, 0);
  const stateBytes = references.reduce((sum, { end }) => sum + end.output.length, 0);
  return stateBytes > LARGE_STATE_SHARE * inputBytes;
}

/** Folds once, repeatedly, and its result alone: at the end of the input a state may be all that there is. */
async function* foldings(trials: Trials, tuples: readonly Buffer[], expected: Buffer, cutsOf: typeof tupleCuts): AsyncGenerator<Folded, void, undefined> {
  for (const cuts of [...cutsOf(tuples), [tuples.length]]) yield await fold(trials, tuples, cuts, expected);
}

async function fold(trials: Trials, tuples: readonly Buffer[], cuts: readonly number[], expected: Buffer): Promise<Folded> {
  let state: Buffer = Buffer.alloc(0);
  for (const part of cutAt(tuples, cuts)) {
    const end = await trials.run([state, ...part]);
    if (end.failure !== undefined) return { tuples, cuts, expected, got: end.output, difference: 'content', failure: end.failure };
    state = end.output;
  }
  return { tuples, cuts, expected, got: state, difference: differenceOf(expected, state), failure: undefined };
}

async function describe(trials: Trials, first: Folded, check: CheckName): Promise<Finding> {
  let smallest = first;
  await shrink(first.tuples, async (tuples) => {
    const whole = await trials.run(tuples);
    if (whole.failure !== undefined) return false;
    for await (const folded of foldings(trials, tuples, whole.output, exampleCuts)) {
      if (folded.failure !== undefined || folded.difference !== 'content') continue;
      smallest = folded;
      return true;
    }
    return false;
  });
  const { tuples, cuts, expected, got } = smallest;
  const how = cuts[0] === tuples.length ? 'its output read back alone' : `its output for the first ${cuts[0]} read back before the rest${cuts.length > 1 ? ', and so on' : ''}`;
  return { check, verdict: 'no', why: 'fed with its own output, it prints something else than in one run', example: exampleOf({ how, input: tuples, expected, got }) };
}
