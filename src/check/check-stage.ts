/** All checks of one program, in the order in which people read them. */
import type { Format, StageSpec } from '../job/stage-spec.ts';
import { wantsHeader } from '../job/wants-header.ts';
import { conclude, type Conclusion } from './contracts.ts';
import { checkDeterministic, checkLater } from './deterministic.ts';
import { checkDiesCleanly } from './dies-cleanly.ts';
import { checkExitStatus } from './exit-status.ts';
import { CHECKS, type CheckName, type Finding } from './finding.ts';
import { checkFoldNumbers } from './fold-numbers.ts';
import { checkFoldable } from './foldable.ts';
import { generatedHeader, generatedSamples } from './generated-samples.ts';
import { checkPrintsAtOnce } from './prints-at-once.ts';
import { checkReadsAllInput } from './reads-all-input.ts';
import { runSamples, telling, type Reference } from './reference.ts';
import { readSample } from './read-sample.ts';
import { doubled, type Sample } from './sample.ts';
import { checkStateless } from './stateless.ts';
import { makeSubject, type Subject, type SubjectOptions } from './subject.ts';
import { Trials } from './trials.ts';
import { checkUnusualTuples } from './unusual-tuples.ts';

export interface CheckRequest extends SubjectOptions {
  readonly stage: StageSpec;
  /** As the user wrote it. */
  readonly text: string;
  /** A file; undefined: made-up samples. */
  readonly sample: string | undefined;
  readonly format: Format | undefined;
  /** The sample begins with a header, even if no column is named. */
  readonly header: boolean;
}

export interface CheckResult extends Conclusion {
  readonly command: string;
  /** By name: those which the program printed something for, or, where there is none, those which it took. */
  readonly samples: readonly string[];
  /** True where the file has more than was taken of it. */
  readonly sampleCut: boolean;
  readonly ownOperator: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Runs the program some hundred times. Throws what is wrong with the request, CHECK_LIMIT for a program that does not end, and
 * CANCELLED once `signal` is aborted; in every case nothing of the program is left.
 */
export async function checkStage(request: CheckRequest, signal: AbortSignal): Promise<CheckResult> {
  const { subject, samples, format, sampleCut } = await prepare(request);
  const trials = new Trials(subject);
  const cancel = () => trials.cancel();
  signal.addEventListener('abort', cancel);
  try {
    if (signal.aborted) cancel();
    const references = await runSamples(trials, samples);
    const ownSample = request.sample === undefined ? undefined : samples[0];
    const findings = await runChecks(trials, references, ownSample, format);
    const shown = telling(references);
    const taken = (shown.length > 0 ? shown : references.filter(({ end }) => end.failure === undefined)).map(({ sample }) => sample.name);
    const ownOperator = subject.stage.program.kind === 'operators';
    return { command: request.text, samples: taken, sampleCut, ownOperator, findings, ...conclude(findings, ownSample !== undefined) };
  } finally {
    signal.removeEventListener('abort', cancel);
    await trials.close();
  }
}

interface Prepared {
  readonly subject: Subject;
  readonly samples: readonly Sample[];
  readonly format: Format;
  readonly sampleCut: boolean;
}

async function prepare(request: CheckRequest): Promise<Prepared> {
  const header = wantsHeader({ header: request.header, stages: [request.stage] });
  if (request.sample !== undefined) {
    const read = await readSample(request.sample, request.cwd, { format: request.format, header });
    const subject = makeSubject(request.stage, { format: read.format, headerRow: read.header }, request);
    const samples = [read.sample, doubled(read.sample)].filter((sample) => sample !== undefined);
    return { subject, samples, format: read.format, sampleCut: read.cut };
  }
  // Our operators take CSV as readily as lines; commands know lines.
  const format = request.format ?? (request.stage.program.kind === 'operator' ? 'csv' : 'lines');
  const samples = generatedSamples(request.text, format);
  const subject = makeSubject(request.stage, { format, headerRow: header ? generatedHeader() : undefined }, request);
  return { subject, samples: header ? samples.filter(({ name }) => name === 'rows') : samples, format, sampleCut: false };
}

async function runChecks(trials: Trials, references: readonly Reference[], ownSample: Sample | undefined, format: Format): Promise<Finding[]> {
  const told = telling(references);
  const exitStatus = await checkExitStatus(trials, references);
  const [reference] = told;
  if (reference === undefined) {
    const why = references.every(({ end }) => end.failure !== undefined) ? 'it failed on what it was fed' : 'it printed nothing for what it was fed; give it something to print with --sample';
    return CHECKS.map((check) => (check === 'exit-status' ? exitStatus : { check, verdict: 'unknown', why }));
  }
  const others = await Promise.all([
    checkReadsAllInput(trials, reference), checkPrintsAtOnce(trials, reference), ...checkUnusualTuples(trials, reference),
  ]);
  const findings = [exitStatus, ...others, ...(await runComparisons(trials, told, ownSample, format))];
  return findings.toSorted((one, other) => CHECKS.indexOf(one.check) - CHECKS.indexOf(other.check));
}

/** What compares runs means nothing where equal runs differ. */
async function runComparisons(trials: Trials, told: readonly Reference[], ownSample: Sample | undefined, format: Format): Promise<Finding[]> {
  const [reference] = told as [Reference];
  const deterministic = await checkDeterministic(trials, told);
  if (deterministic.verdict !== 'yes') return [deterministic, ...COMPARING.map(differs)];
  const compared = [...(await compare(trials, told, ownSample, format)), await checkDiesCleanly(trials, reference)];
  const later = await checkLater(trials, told);
  return later === undefined ? [deterministic, ...compared] : [later, ...COMPARING.map(differs)];
}

const COMPARING = ['stateless', 'foldable', 'fold-large-numbers', 'fold-fractions', 'dies-cleanly'] as const;

async function compare(trials: Trials, told: readonly Reference[], ownSample: Sample | undefined, format: Format): Promise<Finding[]> {
  const [stateless, foldable] = await Promise.all([checkStateless(trials, told), checkFoldable(trials, told)]);
  if (foldable.verdict === 'yes') return [stateless, foldable, ...(await checkFoldNumbers(trials, told, ownSample, format))];
  return [stateless, foldable, ...(['fold-large-numbers', 'fold-fractions'] as const).map((check) => ({ check, verdict: 'unknown' as const, why: 'it is not foldable anyway' }))];
}

function differs(check: CheckName): Finding {
  return { check, verdict: 'unknown', why: 'its output differs from run to run' };
}
