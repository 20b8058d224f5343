/** Does it cope with tuples that are empty, longer than most buffers, or no valid text? */
import { describeExit } from '../task/exit-verdict.ts';
import type { CheckName, Finding } from './finding.ts';
import type { Reference } from './reference.ts';
import type { Sample } from './sample.ts';
import type { Trials } from './trials.ts';

/** Beyond the 64 KiB that a pipe holds. */
const LONG_BYTES = 70_000;
const FILLER = 'x'.repeat(LONG_BYTES);

/** No UTF-8, and two of them no character in latin1 that a program would change the case of. */
const ANY_BYTES = '\xff\xfe\x80';
/** What is printed for such bytes by a program that decodes and encodes: U+FFFD, or their UTF-8. */
const CHANGED_BYTES = ['\xef\xbf\xbd', '\xc3\xbf\xc3\xbe\xc2\x80', '\\xff\\xfe\\x80'];

/** `reference`: of a sample that the program printed something for. */
export function checkUnusualTuples(trials: Trials, { sample }: Reference): Promise<Finding>[] {
  return [checkEmpty(trials, sample), checkLong(trials, sample), checkBytes(trials, sample)];
}

async function checkEmpty(trials: Trials, sample: Sample): Promise<Finding> {
  const check = 'empty-lines';
  const empty = Buffer.from('\n');
  const [first = empty, ...rest] = sample.tuples;
  const { failure } = await trials.run([empty, first, empty, empty, ...rest, empty]);
  if (failure !== undefined) return { check, verdict: 'no', why: `with empty lines in its input \`${failure.command}\` ${describeExit(failure)}` };
  return { check, verdict: 'yes', why: 'they do it no harm' };
}

async function checkLong(trials: Trials, sample: Sample): Promise<Finding> {
  return await tryMarked(trials, sample, 'long-lines', FILLER, (output) => {
    const longest = Math.max(...output.split('\n').map((line) => line.length));
    if (longest >= LONG_BYTES) return { verdict: 'yes', why: `a line of ${LONG_BYTES} bytes comes out whole` };
    const many = output.includes(FILLER.slice(0, 1000));
    return many ? { verdict: 'no', why: `of a line of ${LONG_BYTES} bytes it prints ${longest} in a line` } : undefined;
  });
}

async function checkBytes(trials: Trials, sample: Sample): Promise<Finding> {
  return await tryMarked(trials, sample, 'any-bytes', ANY_BYTES, (output) => {
    if (output.includes(ANY_BYTES)) return { verdict: 'yes', why: 'bytes that are no UTF-8 come out as they went in' };
    return CHANGED_BYTES.some((bytes) => output.includes(bytes)) ? { verdict: 'no', why: 'bytes that are no UTF-8 come out as others' } : undefined;
  });
}

type Judgement = Pick<Finding, 'verdict' | 'why'>;

/**
 * Puts the mark into every tuple, in one place after the other: behind the tuple, before it, in its words. Where it shows
 * first decides. A place where the program fails on a single letter, too, says nothing. `judge` reads the output as latin1.
 */
async function tryMarked(trials: Trials, sample: Sample, check: CheckName, mark: string, judge: (output: string) => Judgement | undefined): Promise<Finding> {
  const tuples = sample.tuples.slice(0, MARKED_TUPLES).map((tuple) => tuple.toString('latin1'));
  let failed: string | undefined;
  for (const put of PLACES) {
    const end = await trials.run(marked(tuples, put, mark));
    if (end.failure === undefined) {
      const judgement = judge(end.output.toString('latin1'));
      if (judgement !== undefined) return { check, ...judgement };
    } else if ((await trials.run(marked(tuples, put, 'x'))).failure === undefined) {
      failed = `with them \`${end.failure.command}\` ${describeExit(end.failure)}`;
    }
  }
  return failed === undefined ? { check, verdict: 'unknown', why: 'what it prints does not show it' } : { check, verdict: 'no', why: failed };
}

type Put = (tuple: string, mark: string) => string;

function marked(tuples: readonly string[], put: Put, mark: string): Buffer[] {
  return tuples.map((tuple) => Buffer.from(put(tuple, mark), 'latin1'));
}

/** Few, since the mark may be long. */
const MARKED_TUPLES = 40;

const PLACES: readonly Put[] = [
  (tuple, mark) => tuple.replace(/\n$/, `${mark}\n`),
  (tuple, mark) => `${mark}${tuple}`,
  (tuple, mark) => tuple.replace(/[A-Za-z]{2,}/, (word) => `${word}${mark}`),
  (tuple, mark) => tuple.replace(/[\t ,]/, (gap) => `${mark}${gap}`),
];
