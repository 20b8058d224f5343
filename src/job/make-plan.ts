import { resolve } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { RainstormError } from '../base/errors.ts';
import { combineCounts } from './combine-counts.ts';
import { columnsBehind, parseHeaderRow, resolveColumn } from './columns.ts';
import type { Columns } from './columns.ts';
import { parseCommandLine } from './command-line.ts';
import { COMMITTED_EVERY } from './contract.ts';
import { decideContract } from './decide-contract.ts';
import { fuseStages } from './fuse-stages.ts';
import { readOperator } from './operator-catalog.ts';
import type { OperatorUse } from './operator-catalog.ts';
import { MAX_RANGE_BYTES, type InputFile } from './file-range.ts';
import type { JobPlan, Partitioning, StagePlan } from './plan.ts';
import type { Program } from './program.ts';
import type { Delivery, Format, JobSpec, KeySpec, ProgramSpec, StageSpec } from './stage-spec.ts';
import { OPERATOR_STALL_MS } from './trouble-settings.ts';
import { wantsHeader } from './wants-header.ts';

/** What had to be looked at in the source before a plan could be made. */
export interface SourceFacts {
  readonly format: Format;
  /** The first record, without its newline, when `wantsHeader` asks for it; undefined otherwise, and for an empty source. */
  readonly headerRow: Buffer | undefined;
  /** The first record of CSV without a header, where it can be looked at: it says how many columns there are. */
  readonly firstRecord?: Buffer | undefined;
  /** Its files, where all of them can be read anywhere and again. */
  readonly files?: readonly InputFile[] | undefined;
}

/** For each of several tasks, so that all get about the same. */
const MIN_DEALT_BYTES = 16 * MAX_RANGE_BYTES;

/** What flows between two stages. */
interface Flow {
  readonly format: Format;
  readonly columns: Columns;
}

/**
 * Decides how a job runs: programs, partitioning, formats, the header of the output. Column names become numbers.
 * Throws USAGE without stages, and the errors of the stages, each with the stage's number: UNKNOWN_COLUMN, UNKNOWN_OPERATOR,
 * OPERATOR_ARGUMENT, STAGE_SYNTAX, CONTRACT; SOURCE_FORMAT for a header row that is no CSV.
 */
export function makePlan(spec: JobSpec, source: SourceFacts): JobPlan {
  if (spec.stages.length === 0) {
    throw new RainstormError('USAGE', 'the job has no stages', { hint: "Give at least one, as in --stages 'filter=Stop,aggregate=2:3' or -s 'grep Stop'." });
  }
  const header = wantsHeader(spec);
  let flow: Flow = { format: source.format, columns: columnsOfSource(header, source) };
  const stages: StagePlan[] = [];
  let unchanged = true;
  for (const [index, stage] of spec.stages.entries()) {
    const label = `stage ${index + 1} (${stage.name})`;
    const use = inStage(label, () => readUse(stage.program));
    stages.push(inStage(label, () => planStage(stage, use, index + 1, flow, spec)));
    flow = flowBehind(use, flow, label);
    unchanged &&= use?.output.kind === 'same';
  }
  const wantsOutputHeader = header && spec.outputHeader && spec.stages.at(-1)?.program.kind === 'operator';
  // The log of every tuple is to have those between stages, too.
  const fused = spec.fuse && spec.logTuples !== 'all' ? fuseStages(combineCounts(stages, bytesRead(spec, source)), spec.autoscale !== undefined) : stages;
  return {
    stages: fused.map((stage, index) => (index === 0 ? { ...stage, ...readingFiles(stage, spec, source) } : stage)),
    source: { format: source.format, header, rate: spec.rate },
    sink: { format: flow.format, headerRow: wantsOutputHeader ? outputHeader(flow.columns, unchanged ? source.headerRow : undefined) : undefined },
    maxTupleBytes: spec.maxTupleBytes,
    locale: spec.locale,
    lineBuffered: spec.lineBuffered,
    logTuples: spec.logTuples,
    ...(spec.autoscale === undefined ? {} : { autoscale: spec.autoscale }),
  };
}

/**
 * Tasks that may take any tuples can be told where they stand (job/file-range): one, or several where each gets so many ranges
 * that all have about the same. What is left out when an operator dies of it lies in the journal as tuples, so it is sent.
 */
function readingFiles({ tasks, partitioning, onPoison, contract }: StagePlan, spec: JobSpec, source: SourceFacts): Pick<StagePlan, 'readsFiles'> {
  const bytes = bytesRead(spec, source);
  // What is given by key, or may be tomorrow to several tasks, has to be looked at on its way.
  const isAlone = tasks === 1 && (partitioning.kind === 'spread' || spec.autoscale === undefined);
  const isDealt = isAlone || (partitioning.kind === 'spread' && bytes !== undefined && bytes >= tasks * MIN_DEALT_BYTES);
  // What a stage under `replay` leaves to others is what its journal holds, and places in files are no tuples.
  const mayLeaveInput = contract === 'replay' && spec.autoscale !== undefined;
  return bytes === undefined || !isDealt || mayLeaveInput || onPoison === 'deadletter' ? {} : { readsFiles: source.files };
}

/** What a first stage could read itself, in bytes; undefined where it could not. What comes at a rate comes as tuples. */
function bytesRead({ rate }: JobSpec, { files }: SourceFacts): number | undefined {
  return rate === undefined ? files?.reduce((sum, { bytes }) => sum + bytes, 0) : undefined;
}

function columnsOfSource(header: boolean, source: SourceFacts): Columns {
  if (!header) return { kind: 'unknown', why: 'the source has no header', ...columnCount(source) };
  if (source.headerRow === undefined) return { kind: 'unknown', why: 'the source is empty, so it has no header row' };
  return { kind: 'known', names: parseHeaderRow(source.headerRow, source.format) };
}

/** Lines, too, can be taken for rows, but they need not be of one width. It is read as lines are, since a bad first record is for the job to find. */
function columnCount({ format, firstRecord }: SourceFacts): { readonly count?: number } {
  return format === 'lines' || firstRecord === undefined ? {} : { count: parseHeaderRow(firstRecord, 'lines').length };
}

function readUse(program: ProgramSpec): OperatorUse | undefined {
  return program.kind === 'operator' ? readOperator(program.operator, program.argument) : undefined;
}

function planStage(stage: StageSpec, use: OperatorUse | undefined, number: number, flow: Flow, spec: JobSpec): StagePlan {
  return {
    number,
    name: stage.name,
    program: planProgram(stage.program, use, flow),
    tasks: stage.tasks,
    inputFormat: flow.format,
    partitioning: planPartitioning(stage, use, flow.columns),
    outputFormat: outputFormat(use, flow.format),
    okExit: stage.okExit,
    env: stage.env,
    cwd: resolve(spec.cwd, stage.cwd ?? ''),
    maxRestarts: stage.maxRestarts,
    stallTimeoutMs: stage.stallTimeoutMs ?? (use === undefined ? undefined : OPERATOR_STALL_MS),
    onStall: stage.onStall,
    onPoison: checkPoison(stage, spec.delivery),
    autoscale: stage.autoscale,
    ...planContract(stage, flow.format, outputFormat(use, flow.format), spec.delivery),
  };
}

/** Which tuple it was, and that it is left out, only a journal can tell. */
function checkPoison({ onPoison }: StageSpec, delivery: Delivery): StageSpec['onPoison'] {
  if (onPoison !== 'deadletter' || delivery !== 'best-effort') return onPoison;
  throw new RainstormError('CONTRACT', 'with --delivery best-effort there is no journal in which a tuple could be found, as onPoison: deadletter asks for', { hint: 'Leave one of the two away.' });
}

function planContract(stage: StageSpec, input: Format, output: Format, delivery: Delivery): Pick<StagePlan, 'contract' | 'contractDeclared' | 'checkpointEvery' | 'release'> {
  const { contract, declared } = decideContract(stage.program, stage);
  if (contract === 'fold' && input !== output) {
    throw new RainstormError('CONTRACT', `what it prints cannot be its own input: it takes ${input} and prints ${output}`, {
      hint: 'Have the rows taken as lines (--format lines), or declare another contract than fold.',
    });
  }
  const isHeld = stage.release === 'committed';
  if (isHeld && delivery === 'best-effort') {
    throw new RainstormError('CONTRACT', 'with --delivery best-effort there is no journal that could hold its output, as release: committed asks for', { hint: 'Leave one of the two away.' });
  }
  return { contract, contractDeclared: declared, checkpointEvery: stage.checkpointEvery ?? (isHeld ? COMMITTED_EVERY : undefined), release: stage.release };
}

function planProgram(program: ProgramSpec, use: OperatorUse | undefined, flow: Flow): Program {
  if (program.kind === 'command') return parseCommandLine(program.commandLine);
  if (program.kind === 'argv') {
    if (program.argv.length === 0) throw new RainstormError('STAGE_SYNTAX', 'the command is empty', { hint: "As in ['grep', '-F', 'Stop']." });
    return { kind: 'chain', commands: [program.argv] };
  }
  const args = use?.args((column) => resolveColumn(column, flow.columns)) ?? [];
  const separator = args[0]?.startsWith('-') === true ? ['--'] : [];
  return { kind: 'operators', operators: [{ operator: program.operator, args: ['--format', flow.format, ...separator, ...args] }] };
}

function planPartitioning(stage: StageSpec, use: OperatorUse | undefined, columns: Columns): Partitioning {
  const asked = stage.key === undefined ? undefined : toPartitioning(stage.key, columns);
  const own = use?.key === undefined ? undefined : toPartitioning(use.key, columns);
  if (own !== undefined && asked !== undefined && describe(own) !== describe(asked)) {
    throw new RainstormError('OPERATOR_ARGUMENT', `it groups by ${describe(own)}, so its input cannot be partitioned by ${describe(asked)}`, {
      hint: 'Tuples of one group must meet in one task. Leave the @KEY away: the operator brings its own.',
    });
  }
  return own ?? asked ?? { kind: 'spread' };
}

function toPartitioning(key: KeySpec, columns: Columns): Partitioning {
  return key.kind === 'line' ? key : { kind: 'column', column: resolveColumn(key, columns) };
}

function describe(partitioning: Partitioning): string {
  if (partitioning.kind === 'column') return `column ${partitioning.column}`;
  return partitioning.kind === 'line' ? 'the whole line' : 'position';
}

function outputFormat(use: OperatorUse | undefined, input: Format): Format {
  return use === undefined || use.emitsLines ? 'lines' : input;
}

function flowBehind(use: OperatorUse | undefined, flow: Flow, label: string): Flow {
  return { format: outputFormat(use, flow.format), columns: columnsBehind(use?.output ?? { kind: 'unknown' }, flow.columns, label) };
}

/** `row` is the source's own header where all stages kept it: it goes out as it came, like the tuples. */
function outputHeader(columns: Columns, row: Buffer | undefined): string | undefined {
  if (row !== undefined) return row.toString('utf8');
  return columns.kind === 'known' ? stringify([[...columns.names]], { eof: false }) : undefined;
}

function inStage<Result>(label: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    throw new RainstormError(error.code, `${label}: ${error.message}`, { ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error });
  }
}
