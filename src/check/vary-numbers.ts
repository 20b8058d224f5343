import type { NumberSize } from './generated-samples.ts';
import type { Sample } from './sample.ts';

/** A number that stands by itself, not within a word, a date or a version. */
const NUMBER = /(?<![\w.:/-])\d+(?:\.\d+)?(?![\w.:/-])/g;

/** Added to each whole part: beyond 32 bits, and with digits that a short form would drop. */
const LARGE_STEP = 2n ** 31n + 1_234_567n;

/** The sample with its numbers made large or fractional; undefined where it has none. */
export function varyNumbers(sample: Sample, size: Exclude<NumberSize, 'small'>): Sample | undefined {
  let count = 0;
  const vary = (number: string) => {
    count += 1;
    const [whole = '0'] = number.split('.');
    return size === 'large' ? String(BigInt(whole) + LARGE_STEP) : `${BigInt(whole) + 10_000n}.${String((count * 37) % 1000).padStart(3, '0')}`;
  };
  // latin1 keeps every byte as it is.
  const tuples = sample.tuples.map((tuple) => Buffer.from(tuple.toString('latin1').replaceAll(NUMBER, vary), 'latin1'));
  return count === 0 ? undefined : { name: sample.name, tuples };
}
