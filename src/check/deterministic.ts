/** Does it print the same for the same input, at another time, and however the input is cut into writes? */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit } from '../task/exit-verdict.ts';
import { differenceOf, exampleOf } from './difference.ts';
import type { Finding } from './finding.ts';
import { cutAnywhere } from './pieces.ts';
import { pausesOf, type Reference } from './reference.ts';
import { shrink } from './shrink.ts';
import type { TrialEnd } from './trial.ts';
import type { Trials } from './trials.ts';

/** Behind this a clock that shows seconds shows another one. */
const LATER_MS = 1_100;
/** A clock shows in the output for any input, or for few. */
const SAMPLES_TRIED_LATER = 2;

/** A difference that comes by chance need not come at once. */
const TRIES_PER_INPUT = 2;

interface Way {
  /** How the second run was other than the first. */
  readonly how: string;
  readonly why: string;
  readonly run: (trials: Trials, tuples: readonly Buffer[], pausesMs: readonly number[]) => Promise<TrialEnd>;
}

const AGAIN: Way = { how: 'run twice', why: 'two runs over the same input differ', run: (trials, tuples) => trials.run(tuples) };

const CHUNKINGS: readonly Way[] = [
  { how: 'run in one write, and tuple by tuple', why: 'it depends on how its input is cut into writes', run: (trials, tuples, pausesMs) => trials.runInPieces(tuples, pausesMs) },
  { how: 'run in one write, and in writes that end within tuples', why: 'it depends on how its input is cut into writes', run: (trials, tuples, pausesMs) => trials.runInPieces(cutAnywhere(tuples), pausesMs) },
];

export async function checkDeterministic(trials: Trials, references: readonly Reference[]): Promise<Finding> {
  for (const way of [AGAIN, ...CHUNKINGS]) {
    const findings = await Promise.all(references.map((reference) => tryWay(trials, reference, way)));
    const found = findings.find((finding) => finding !== undefined);
    if (found !== undefined) return found;
  }
  return { check: 'deterministic', verdict: 'yes', why: 'the same output in every run, a second later too, and however its input was cut' };
}

/** The same at another second. Gives undefined where that makes no difference; waits only if that second has not come yet. */
export async function checkLater(trials: Trials, references: readonly Reference[]): Promise<Finding | undefined> {
  const due = LATER_MS + Math.max(...references.map((reference) => reference.startedAt));
  // It is the time itself that may make the difference.
  await sleep(Math.max(0, due - performance.now()));
  for (const { sample, end } of references.slice(0, SAMPLES_TRIED_LATER)) {
    const got = await trials.run(sample.tuples);
    if (sameAs(end, got)) continue;
    const how = 'run twice, a second apart';
    const example = exampleOf({ how, input: sample.tuples, expected: end.output, got: got.output });
    return { check: 'deterministic', verdict: 'no', why: 'a run at another time differs', example };
  }
  return undefined;
}

async function tryWay(trials: Trials, reference: Reference, way: Way): Promise<Finding | undefined> {
  const { sample, end } = reference;
  const got = await way.run(trials, sample.tuples, pausesOf(reference));
  if (sameAs(end, got)) return undefined;
  if (got.failure !== undefined) {
    const why = `${way.why}: \`${got.failure.command}\` ${describeExit(got.failure)}`;
    return { check: 'deterministic', verdict: 'no', why };
  }
  // What differs by chance differs by itself, and is no matter of how the input was cut.
  const [first, second] = [await trials.run(sample.tuples), await trials.run(sample.tuples)];
  const real = sameAs(first, second) && sameAs(first, end) ? way : AGAIN;
  return await finding(trials, reference, real, { expected: end.output, got: got.output });
}

async function finding(trials: Trials, reference: Reference, way: Way, seen: Outputs): Promise<Finding> {
  let outputs = seen;
  const input = await shrink(reference.sample.tuples, async (fewer) => {
    const found = await differing(trials, fewer, way, pausesOf(reference));
    outputs = found ?? outputs;
    return found !== undefined;
  });
  const order = differenceOf(outputs.expected, outputs.got) === 'order' ? ': the same lines in another order' : '';
  return { check: 'deterministic', verdict: 'no', why: `${way.why}${order}`, example: exampleOf({ how: way.how, input, ...outputs }) };
}

interface Outputs {
  readonly expected: Buffer;
  readonly got: Buffer;
}

async function differing(trials: Trials, tuples: readonly Buffer[], way: Way, pausesMs: readonly number[]): Promise<Outputs | undefined> {
  for (let round = 0; round < TRIES_PER_INPUT; round++) {
    const [expected, got] = await Promise.all([trials.run(tuples), way.run(trials, tuples, pausesMs)]);
    if (expected.failure !== undefined || got.failure !== undefined) return undefined;
    if (!sameAs(expected, got)) return { expected: expected.output, got: got.output };
  }
  return undefined;
}

function sameAs(one: TrialEnd, other: TrialEnd): boolean {
  return one.output.equals(other.output) && (one.failure === undefined) === (other.failure === undefined);
}
