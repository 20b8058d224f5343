/** Puts flags and job file together to what the user asks for. Flags win. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { DEFAULT_MAX_TUPLE_BYTES, DEFAULT_STORE_LIMIT_BYTES } from '../base/limits.ts';
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import { parseByteSize } from '../job/byte-size.ts';
import { chooseAutoscale, type AutoscaleFlags } from './autoscale-flags.ts';
import { defaultWorkers } from './default-workers.ts';
import type { JobFile } from '../job/job-file.ts';
import { parseRate } from '../job/rate-argument.ts';
import { parseStageFlag } from '../job/stage-flag.ts';
import { parseStages } from '../job/stage-grammar.ts';
import type { Delivery, Durability, Format, JobSpec, LogTuples, StageSpec } from '../job/stage-spec.ts';
import { parseStatusList } from '../job/status-list.ts';

/** The flags of `run` that say what the job is, as commander gives them; undefined where the user said nothing. */
export interface JobFlags extends AutoscaleFlags {
  readonly stages?: string;
  readonly stage?: readonly string[];
  readonly src?: readonly string[];
  readonly dest?: string;
  readonly format?: Format;
  readonly header?: boolean;
  readonly outputHeader?: boolean;
  readonly overwrite?: boolean;
  readonly rate?: string;
  readonly workers?: number;
  readonly maxTuple?: string;
  readonly locale?: string;
  readonly lineBuffered?: boolean;
  readonly fuse?: boolean;
  readonly logTuples?: LogTuples;
  readonly okExit?: readonly string[];
  readonly delivery?: Delivery;
  readonly durability?: Durability;
  readonly store?: string;
  readonly storeLimit?: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly stdinIsTerminal: boolean;
}

const BYTE_ORDER_LOCALE = 'C';

const STORE_KIND = 'dir:';

/** Throws USAGE, STAGE_SYNTAX, UNKNOWN_OPERATOR, OPERATOR_ARGUMENT or JOB_FILE. */
export async function readJobSpec(path: string | undefined, flags: JobFlags, around: Surroundings): Promise<{ spec: JobSpec; workers: number }> {
  return makeJobSpec(path === undefined ? {} : await readJobFile(path), flags, around);
}

/** Throws USAGE, STAGE_SYNTAX, UNKNOWN_OPERATOR or OPERATOR_ARGUMENT. */
export function makeJobSpec(file: JobFile, flags: JobFlags, around: Surroundings): { spec: JobSpec; workers: number } {
  const stages = withOkExits(stagesFrom(file, flags), flags.okExit ?? []);
  const spec: JobSpec = {
    stages,
    sources: flags.src ?? file.sources ?? defaultSource(around),
    dest: flags.dest ?? file.dest ?? '-',
    format: flags.format ?? file.format,
    header: flags.header ?? file.header ?? false,
    outputHeader: flags.outputHeader ?? file.outputHeader ?? true,
    overwrite: flags.overwrite ?? file.overwrite ?? false,
    rate: flags.rate === undefined ? file.rate : parseRate(flags.rate),
    maxTupleBytes: flags.maxTuple === undefined ? (file.maxTupleBytes ?? DEFAULT_MAX_TUPLE_BYTES) : parseByteSize(flags.maxTuple),
    locale: flags.locale ?? file.locale ?? BYTE_ORDER_LOCALE,
    lineBuffered: flags.lineBuffered ?? file.lineBuffered ?? false,
    fuse: flags.fuse ?? file.fuse ?? true,
    logTuples: flags.logTuples ?? file.logTuples ?? 'first',
    autoscale: chooseAutoscale(flags, file.autoscale),
    delivery: flags.delivery ?? 'exactly-once',
    durability: flags.durability ?? 'process',
    store: flags.store === undefined ? undefined : readStore(flags.store),
    storeLimitBytes: flags.storeLimit === undefined ? DEFAULT_STORE_LIMIT_BYTES : parseByteSize(flags.storeLimit),
    cwd: around.cwd,
  };
  return { spec, workers: flags.workers ?? file.workers ?? defaultWorkers(spec, availableParallelism()) };
}

function readStore(text: string): string {
  if (text.startsWith(STORE_KIND) && text.length > STORE_KIND.length) return text.slice(STORE_KIND.length);
  throw new RainstormError('USAGE', `"${text}" is no store`, { hint: 'A store is a folder on this machine, as in dir:/var/tmp/journals.' });
}

export async function readJobFile(path: string): Promise<JobFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = errnoOf(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause);
    throw new RainstormError('JOB_FILE', `cannot read the job file ${path}: ${reason}`, {
      hint: 'A job is given by flags (rainstorm run --help) or by a YAML file; a source goes behind --src.',
      cause,
    });
  });
  // Only who has a job file waits for the YAML reader and the schema.
  const { parseJobFile } = await import('../job/job-file.ts');
  return parseJobFile(text, path);
}

function stagesFrom(file: JobFile, flags: JobFlags): readonly StageSpec[] {
  if (flags.stages !== undefined && flags.stage !== undefined) {
    throw new RainstormError('USAGE', 'stages are given twice, by --stages and by --stage', { hint: 'Use one of the two.' });
  }
  if (flags.stages !== undefined) return parseStages(flags.stages);
  if (flags.stage !== undefined) return flags.stage.map(parseStageFlag);
  return file.stages ?? [];
}

function withOkExits(stages: readonly StageSpec[], texts: readonly string[]): readonly StageSpec[] {
  const lists = texts.map((text) => parseStatusList(text, stages));
  return stages.map((stage, index) => {
    const added = lists.filter((list) => list.stage === index + 1).flatMap((list) => list.statuses);
    return added.length === 0 ? stage : { ...stage, okExit: [...stage.okExit, ...added] };
  });
}

function defaultSource(around: Surroundings): readonly string[] {
  if (!around.stdinIsTerminal) return ['-'];
  throw new RainstormError('USAGE', 'the job has no source', { hint: 'Name one with --src FILE, or pipe something in.' });
}
