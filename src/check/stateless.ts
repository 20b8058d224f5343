/** Does cutting its input at any tuple, and running each part by itself, print what one run prints? */
import { describeExit } from '../task/exit-verdict.ts';
import { differenceOf, exampleOf } from './difference.ts';
import type { Finding } from './finding.ts';
import { cutAt, exampleCuts, fewTupleCuts, SAMPLES_CUT_OFTEN, tupleCuts } from './pieces.ts';
import type { Reference } from './reference.ts';
import { shrink } from './shrink.ts';
import type { Trials } from './trials.ts';

interface Mismatch {
  readonly tuples: readonly Buffer[];
  readonly parts: number;
  readonly expected: Buffer;
  readonly got: Buffer;
}

export async function checkStateless(trials: Trials, references: readonly Reference[]): Promise<Finding> {
  const cuttable = references.filter(({ sample }) => sample.tuples.length > 1);
  if (cuttable.length === 0) return { check: 'stateless', verdict: 'unknown', why: 'the sample has only one tuple, which cannot be cut' };
  for (const [index, { sample, end }] of cuttable.entries()) {
    const cuts = index < SAMPLES_CUT_OFTEN ? tupleCuts : fewTupleCuts;
    const found = await findMismatch(trials, sample.tuples, end.output, cuts);
    if (found === undefined) continue;
    if (found.kind === 'failed') return { check: 'stateless', verdict: 'no', why: found.why };
    return await describe(trials, found.mismatch);
  }
  return { check: 'stateless', verdict: 'yes', why: 'runs over parts of the input print what one run over all of it prints' };
}

type Found = { readonly kind: 'failed'; readonly why: string } | { readonly kind: 'mismatch'; readonly mismatch: Mismatch };

async function findMismatch(trials: Trials, tuples: readonly Buffer[], expected: Buffer, cutsOf: typeof tupleCuts): Promise<Found | undefined> {
  for (const cuts of cutsOf(tuples)) {
    const ends = await Promise.all(cutAt(tuples, cuts).map((part) => trials.run(part)));
    const failure = ends.find((end) => end.failure !== undefined)?.failure;
    if (failure !== undefined) return { kind: 'failed', why: `over a part of the input \`${failure.command}\` ${describeExit(failure)}` };
    const got = Buffer.concat(ends.map((end) => end.output));
    if (differenceOf(expected, got) !== 'none') return { kind: 'mismatch', mismatch: { tuples, parts: ends.length, expected, got } };
  }
  return undefined;
}

async function describe(trials: Trials, first: Mismatch): Promise<Finding> {
  let smallest = first;
  await shrink(first.tuples, async (tuples) => {
    const whole = await trials.run(tuples);
    if (whole.failure !== undefined) return false;
    const found = await findMismatch(trials, tuples, whole.output, exampleCuts);
    if (found?.kind !== 'mismatch') return false;
    smallest = found.mismatch;
    return true;
  });
  const { tuples, parts, expected, got } = smallest;
  const order = differenceOf(expected, got) === 'order' ? ': the same lines in another order' : '';
  const how = `cut into ${parts} parts, each run by itself`;
  return { check: 'stateless', verdict: 'no', why: `runs over parts of the input print something else than one run${order}`, example: exampleOf({ how, input: tuples, expected, got }) };
}
