/** Does a fold keep every digit? Sums that are printed short lose what is read back: awk prints six digits of a number. */
import type { Format } from '../job/stage-spec.ts';
import { checkFoldable } from './foldable.ts';
import type { Finding } from './finding.ts';
import { numberSamples, type NumberSize } from './generated-samples.ts';
import { runSamples, telling, type Reference } from './reference.ts';
import type { Sample } from './sample.ts';
import type { Trials } from './trials.ts';
import { varyNumbers } from './vary-numbers.ts';

const SIZES = [
  { size: 'large', check: 'fold-large-numbers', what: 'beyond 2^31' },
  { size: 'fractional', check: 'fold-fractions', what: 'with fractions' },
] as const;

/** `own`: the user's sample, whose numbers are varied; without one, generated samples of the shapes that the program took. */
export async function checkFoldNumbers(trials: Trials, taken: readonly Reference[], own: Sample | undefined, format: Format): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { size, check, what } of SIZES) {
    const references = telling(await runSamples(trials, samplesOf(size, taken, own, format)));
    const finding = references.length === 0
      ? { check, verdict: 'unknown' as const, why: `it took no sample that has numbers ${what}` }
      : await checkFoldable(trials, references, check);
    findings.push(finding.verdict === 'yes' ? { ...finding, why: `no digit of numbers ${what} is lost` } : finding);
  }
  return findings;
}

function samplesOf(size: Exclude<NumberSize, 'small'>, taken: readonly Reference[], own: Sample | undefined, format: Format): Sample[] {
  if (own === undefined) return numberSamples(size, format).filter(({ name }) => taken.some(({ sample }) => sample.name === name));
  const varied = varyNumbers(own, size);
  return varied === undefined ? [] : [varied];
}
