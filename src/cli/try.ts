/** `rainstorm try`: what each stage of a pipeline makes of the source's first tuples. How one writes a pipeline. */
import { styleText } from 'node:util';
import { firstTuples, type FirstTuples } from '../check/first-tuples.ts';
import { tryPipeline } from '../check/try-pipeline.ts';
import type { StageTry } from '../check/try-stage.ts';
import { tuplesOfFiles, tuplesOfSource } from '../check/tuples-of.ts';
import { StdinSource } from '../connect/stdin-source.ts';
import { headerRemark } from '../job/header-remark.ts';
import { makePlan } from '../job/make-plan.ts';
import type { JobPlan, StagePlan } from '../job/plan.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { wantsHeader } from '../job/wants-header.ts';
import { isStdin, lookAtSource } from '../leader/prepare-job.ts';
import { readJobSpec, type JobFlags } from '../launch/job-spec.ts';
import { EXIT_INTERRUPTED, onEndingSignals } from './signals.ts';
import { Terminal } from './terminal.ts';
import { columnsOf, programText, type TriedPipeline } from './try-columns.ts';
import { formatColumns } from './try-report.ts';
import { toTryJson } from './try-json.ts';

export interface TryFlags extends JobFlags {
  /** How many tuples of the source. */
  readonly tuples: number;
  /** Seconds that one stage may take. */
  readonly timeLimit?: number;
  readonly json: boolean;
}

/** A stage with a few lines is done in moments; one that needs this long waits for something. */
const STAGE_LIMIT_SECONDS = 10;

/** Where nobody can be asked how wide it is. */
const DEFAULT_WIDTH = 80;

const MIN_WIDTH = 20;

/** Gives the exit status: that of the failure where a job would fail. Throws what is wrong with the request, and CANCELLED. */
export async function tryJob(file: string | undefined, flags: TryFlags, terminal: Terminal = new Terminal(), width: number = terminalWidth()): Promise<number> {
  const { spec } = await readJobSpec(file, flags, { cwd: process.cwd(), stdinIsTerminal: process.stdin.isTTY });
  const abort = new AbortController();
  const stdin = isStdin(spec) ? new StdinSource(process.stdin) : undefined;
  const forget = onEndingSignals(() => {
    abort.abort();
    void stdin?.close();
  }, () => process.exit(EXIT_INTERRUPTED));
  try {
    const { plan, header, first, firstRecord } = await readBeginning({ ...spec, fuse: false }, flags.tuples, stdin, abort.signal);
    const tries = abort.signal.aborted ? [] : await tryPipeline(plan, first.tuples, { timeLimitMs: (flags.timeLimit ?? STAGE_LIMIT_SECONDS) * 1000, signal: abort.signal });
    if (abort.signal.aborted) return EXIT_INTERRUPTED;
    const stages = spec.stages.map(({ program }, index) => ({ plan: plan.stages[index] as StagePlan, program: programText(program) }));
    const tried: TriedPipeline = { source: spec.sources.map((source) => (source === '-' ? 'stdin' : source)).join(' '), header, ...first, stages, tries };
    if (flags.json) await terminal.printJson(toTryJson(tried));
    else await terminal.print(formatColumns(columnsOf(tried), width, (format, text) => styleText(format, text)));
    const remark = headerRemark(plan, firstRecord);
    if (remark !== undefined) terminal.remark(remark);
    return conclude(tries, terminal);
  } finally {
    forget();
    await stdin?.close();
  }
}

interface Beginning {
  readonly plan: JobPlan;
  readonly header: string | undefined;
  readonly first: FirstTuples;
  readonly firstRecord: Buffer | undefined;
}

async function readBeginning(spec: JobSpec, count: number, stdin: StdinSource | undefined, signal: AbortSignal): Promise<Beginning> {
  const header = wantsHeader(spec);
  const { maxTupleBytes } = spec;
  const stdinFirstRecord = header ? await stdin?.peekRecord({ format: spec.format ?? 'lines', maxTupleBytes }) : undefined;
  const { source, facts, firstRecord } = await lookAtSource({ spec, stdinFirstRecord: stdinFirstRecord?.toString('base64') });
  const plan = makePlan(spec, facts);
  const reading = { format: facts.format, header, maxTupleBytes };
  stdin?.start(reading);
  const tuples = source.kind === 'files' ? tuplesOfFiles(source.files, reading, signal) : tuplesOfSource(stdin as StdinSource);
  return { plan, header: facts.headerRow?.toString().replace(/\r$/, ''), first: await firstTuples(tuples, count), firstRecord };
}

function conclude(tries: readonly StageTry[], terminal: Terminal): number {
  const failure = tries.at(-1)?.failure;
  if (failure === undefined) return 0;
  terminal.remark([failure.message, ...(failure.hint === undefined ? [] : [failure.hint])].join('\n  '));
  return failure.exitStatus;
}

/** What a shell says where the output is no terminal, or a width that most have. */
function terminalWidth(): number {
  const said = process.stdout.columns ?? Number(process.env['COLUMNS']);
  return Math.max(MIN_WIDTH, Number.isInteger(said) && said > 0 ? said : DEFAULT_WIDTH);
}
