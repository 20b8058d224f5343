/** One stage of a pipeline, run once on what the stage before has put out. */
import { RainstormError } from '../base/errors.ts';
import { BlockSplitter } from '../job/block-splitter.ts';
import type { StagePlan } from '../job/plan.ts';
import { describeExit, type MemberExit } from '../task/exit-verdict.ts';
import { placesOf, type TuplePlace } from './keyed-tuples.ts';
import type { Subject } from './subject.ts';
import { killLeftBehind } from './left-behind.ts';
import { Trial, type TrialEnd } from './trial.ts';
import { tuplesOfBlock } from './tuples-of.ts';

export interface StageTry {
  readonly stage: StagePlan;
  readonly inTuples: number;
  /** Of each tuple that went in; undefined where the stage has no key. */
  readonly places: readonly TuplePlace[] | undefined;
  /** What came out, each tuple with its newline. */
  readonly tuples: readonly Buffer[];
  /** Its last lines on stderr. */
  readonly stderr: readonly string[];
  /** How its last process ended, or the one that failed; undefined where it was ended by us. */
  readonly exit: MemberExit | undefined;
  /** It ended, or closed its stdin, before its input had ended, as `head` does. */
  readonly early: boolean;
  /** Why a job would fail here. */
  readonly failure: RainstormError | undefined;
}

export interface TryStageOptions {
  readonly maxTupleBytes: number;
  readonly signal: AbortSignal;
}

/** Throws CANCELLED once `signal` is aborted. Nothing of the program is left then, nor after it. */
export async function tryStage(subject: Subject, input: readonly Buffer[], options: TryStageOptions): Promise<StageTry> {
  const { stage } = subject;
  const end = await runOnce(subject, Buffer.concat(input), options.signal);
  const { tuples, failure } = tuplesFrom(end, stage, options.maxTupleBytes);
  return {
    stage,
    inTuples: input.length,
    places: placesOf(stage, input),
    tuples,
    stderr: end.lastWords,
    exit: end.broken === undefined ? (end.failure ?? end.exits.at(-1)) : undefined,
    early: end.early && input.length > 0,
    failure: failureIn(end, stage) ?? failure,
  };
}

async function runOnce(subject: Subject, input: Buffer, signal: AbortSignal): Promise<TrialEnd> {
  refuseCancelled(signal);
  const trial = await Trial.start(subject);
  const kill = () => trial.kill();
  signal.addEventListener('abort', kill);
  try {
    if (signal.aborted) kill();
    await trial.feed(input);
    trial.endInput();
    const end = await trial.ended;
    refuseCancelled(signal);
    return end;
  } finally {
    signal.removeEventListener('abort', kill);
    await killLeftBehind(subject.mark);
  }
}

function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new RainstormError('CANCELLED', 'the try was cancelled');
}

/** What cannot be cut into tuples is a failure of the stage, behind which nothing can be said. */
function tuplesFrom(end: TrialEnd, stage: StagePlan, maxTupleBytes: number): Pick<StageTry, 'tuples' | 'failure'> {
  const splitter = new BlockSplitter({ format: stage.outputFormat, maxTupleBytes, where: `the output of ${labelOf(stage)}` });
  let tuples: readonly Buffer[] = [];
  try {
    const block = splitter.push(end.output);
    if (block !== undefined) tuples = tuplesOfBlock(block);
    // What a program that we ended had begun is no tuple.
    const last = end.broken === undefined ? splitter.end() : undefined;
    return { tuples: last === undefined ? tuples : [...tuples, ...tuplesOfBlock(last)], failure: undefined };
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return { tuples, failure: error };
  }
}

function failureIn({ broken, failure, early }: TrialEnd, stage: StagePlan): RainstormError | undefined {
  if (broken !== undefined) return new RainstormError('CHECK_LIMIT', `${labelOf(stage)}: ${broken.message}`, { hint: 'A stage reads its stdin and ends when that ends. If it only is slow, give it longer with --time-limit, or less with -n.' });
  if (failure === undefined) return undefined;
  const when = early ? ' before the end of its input' : '';
  return new RainstormError('OPERATOR_FAILED', `${labelOf(stage)}: ${failure.command} ${describeExit(failure)}${when}`, { hint: hintFor(failure, stage, early) });
}

/** What a shell says of a command that it cannot find, or cannot start. */
const SHELL_NOT_STARTED: readonly number[] = [126, 127];

function hintFor({ status, spawnError }: MemberExit, { number }: StagePlan, early: boolean): string {
  if (spawnError !== undefined) return 'Check the path, and that the file can be executed (chmod +x).';
  if (status === undefined) return 'A job would start it again and feed it the same, and fail if it dies again. Run it by itself on such lines to see why.';
  if (SHELL_NOT_STARTED.includes(status)) return 'So a shell says that a command is not there or cannot be executed; see what it has printed.';
  if (early) return 'A program that has had enough ends with status 0; any other before the end of its input is a failure.';
  return `A job fails there. If that status is none for this program, say so: --ok-exit ${number}=${status}`;
}

/** As messages of a job name it. */
export function labelOf({ number, name }: StagePlan): string {
  return `stage ${number} (${name})`;
}
