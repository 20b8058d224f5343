/** What a program asks of `runJob`: the keys of a job file, what `rainstorm run` has flags for besides, and what only a program can give. */
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RainstormError } from '../base/errors.ts';
import { resolveDestination } from '../connect/destination.ts';
import { readJobKeys } from '../job/job-file.ts';
import type { Delivery, Durability, Format, JobSpec, LogTuples } from '../job/stage-spec.ts';
import { nearestName } from '../job/suggest.ts';
import { DEFAULT_KEEP, type KeepLimits } from '../leader/keep-limits.ts';
import type { JobEvent } from './job-events.ts';
import { makeJobSpec, readJobFile } from './job-spec.ts';

/** Tuples a second that a task takes, at least and at most; or the share of the time, 0 to 1, in which it works. */
export type AutoscaleMarks = { readonly lw: number; readonly hw: number } | { readonly lowBusy: number; readonly highBusy: number };

/** A stage as a job file has it; docs/reference.md describes each key. */
export interface StageOptions {
  /** One of ours, by name, with its argument. */
  readonly operator?: string | undefined;
  readonly argument?: string | number | undefined;
  /** Instead of an operator: a command line, or a program and its arguments, which no shell sees. */
  readonly command?: string | readonly string[] | undefined;
  /** A column number, a header name, or `line`. */
  readonly key?: string | number | undefined;
  /** 1 to 256, by default 1. */
  readonly tasks?: number | undefined;
  readonly okExit?: number | readonly number[] | undefined;
  readonly env?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly cwd?: string | undefined;
  readonly contract?: 'replay' | 'snapshot' | 'restart' | 'fold' | undefined;
  /** A duration (`2s`) or an amount of new input (`8MiB`). */
  readonly checkpointEvery?: string | undefined;
  readonly release?: 'eager' | 'committed' | undefined;
  readonly maxRestarts?: number | undefined;
  /** A duration, or `off`. */
  readonly stallTimeout?: string | undefined;
  readonly onStall?: 'report' | 'restart' | undefined;
  readonly onPoison?: 'fail' | 'deadletter' | undefined;
  readonly autoscale?: 'off' | (Partial<AutoscaleMarks> & { readonly min?: number; readonly max?: number; readonly cooldown?: string }) | undefined;
  readonly name?: string | undefined;
}

export interface RunJobOptions {
  /** As `--stages` takes them, in one text; or a list, each as `--stage` takes it or in keys. Needed unless `config` has them. */
  readonly stages?: string | readonly (string | StageOptions)[] | undefined;
  /** Files, globs or folders; or a stream of bytes or texts, which is destroyed when the job ends. Needed unless `config` has it. */
  readonly src?: string | readonly string[] | Readable | undefined;
  /** A file, a `folder/` of part files; or a stream, which stays open when the job has ended. Needed unless `config` has it. */
  readonly dest?: string | Writable | undefined;
  /** A job file, whose keys the others override. */
  readonly config?: string | undefined;
  readonly format?: Format | undefined;
  /** The first row of each file is a header, no tuple. */
  readonly header?: boolean | undefined;
  readonly outputHeader?: boolean | undefined;
  /** Replace a destination that exists. */
  readonly overwrite?: boolean | undefined;
  /** Tuples a second at most, or a schedule such as `100,20s:1000`. */
  readonly rate?: number | string | undefined;
  /** Worker processes, 1 to 256; by default one for each core that has a task. */
  readonly workers?: number | undefined;
  /** The longest tuple: bytes, or a size such as `64MiB`. */
  readonly maxTuple?: number | string | undefined;
  readonly locale?: string | undefined;
  readonly lineBuffered?: boolean | undefined;
  readonly fuse?: boolean | undefined;
  readonly logTuples?: LogTuples | undefined;
  readonly autoscale?: 'auto' | AutoscaleMarks | undefined;
  /** Only say how many tasks stages should have. */
  readonly autoscaleDryRun?: boolean | undefined;
  readonly delivery?: Delivery | undefined;
  readonly durability?: Durability | undefined;
  /** The folder of the journals; by default in the data folder. */
  readonly store?: string | undefined;
  /** What journals may take: bytes, or a size such as `64GiB`. */
  readonly storeLimit?: number | string | undefined;
  /** Where relative paths and commands start; by default the process's folder. */
  readonly cwd?: string | undefined;
  /** Where logs and journals are kept; by default `.rainstorm` in `cwd`. */
  readonly dataDir?: string | undefined;
  /** Of ended jobs, how many stay in the data folder, and how many bytes of them. */
  readonly keep?: KeepLimits | undefined;
  /** A standing leader to send the job to, instead of starting one with workers of its own. */
  readonly leader?: { readonly url: string; readonly token: string } | undefined;
  /** Cancels the job, in order; `runJob` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with what happens to the job, in order. What it throws cancels the job, and is what `runJob` rejects with. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
}

/** A job as it is asked for, ready to be submitted. */
export interface AskedJob {
  readonly spec: JobSpec;
  readonly workers: number;
  readonly source: Readable | undefined;
  readonly destination: Writable | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly keep: KeepLimits;
}

const FILE_KEYS = ['stages', 'format', 'header', 'outputHeader', 'overwrite', 'rate', 'workers', 'maxTuple', 'locale', 'lineBuffered', 'fuse', 'logTuples', 'autoscale'] as const;

const KEYS: readonly string[] = [...FILE_KEYS, 'src', 'dest', 'config', 'autoscaleDryRun', 'delivery', 'durability', 'store', 'storeLimit', 'cwd', 'dataDir', 'keep', 'leader', 'signal', 'onEvent'];

/** Throws USAGE, STAGE_SYNTAX, UNKNOWN_OPERATOR, OPERATOR_ARGUMENT or JOB_FILE. */
export async function readJobOptions(options: RunJobOptions): Promise<AskedJob> {
  refuseUnknown(options);
  refuseOther('delivery', options.delivery, ['exactly-once', 'best-effort']);
  refuseOther('durability', options.durability, ['process', 'host']);
  const { src, dest, config, store, storeLimit, autoscaleDryRun, delivery, durability } = options;
  const cwd = resolve(options.cwd ?? '.');
  const given = Object.fromEntries(FILE_KEYS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));
  const [source, sources] = isStream(src) ? [src, '-'] : [undefined, src];
  const [destination, path] = isStream(dest) ? [dest, '-'] : [undefined, dest];
  const inFile = config === undefined ? {} : await readJobFile(resolve(cwd, config));
  const file = { ...inFile, ...withoutUndefined(readJobKeys({ ...given, ...(sources === undefined ? {} : { src: sources }), ...(path === undefined ? {} : { dest: path }) })) };
  if (file.stages === undefined) throw new RainstormError('USAGE', 'the job has no stages', { hint: "As in stages: 'filter=Stop,aggregate=7:3'." });
  if (source === undefined) refuseStandard('src', file.sources);
  if (destination === undefined) refuseStandard('dest', file.dest === undefined || resolveDestination(file.dest, cwd).kind === 'stdout' ? ['-'] : [file.dest]);
  const flags = {
    delivery, durability, autoscaleDryRun,
    store: store === undefined ? undefined : `dir:${store}`,
    storeLimit: storeLimit === undefined ? undefined : String(storeLimit),
  };
  const { spec, workers } = makeJobSpec(file, withoutUndefined(flags), { cwd, stdinIsTerminal: true });
  return { spec, workers, source, destination, dataDir: resolve(cwd, options.dataDir ?? '.rainstorm'), keep: options.keep ?? DEFAULT_KEEP };
}

/** The process's own streams are never taken: they belong to the program. */
function refuseStandard(name: 'src' | 'dest', paths: readonly string[] | undefined): void {
  if (paths !== undefined && !paths.includes('-')) return;
  const stream = name === 'src' ? 'process.stdin' : 'process.stdout';
  throw new RainstormError('USAGE', `the job has no ${name}`, { hint: `Name a path, or give a stream: ${name}: ${stream}.` });
}

function refuseUnknown(options: object): void {
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, KEYS);
  throw new RainstormError('USAGE', `runJob has no option ${unknown}`, { hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Options are ${KEYS.join(', ')}.` });
}

/** Programs in JavaScript have nobody else to tell them. */
function refuseOther(name: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new RainstormError('USAGE', `${name} is ${JSON.stringify(value)}; it must be ${allowed.join(' or ')}`);
}

function isStream<Stream extends Readable | Writable>(value: string | readonly string[] | Stream | undefined): value is Stream {
  return typeof value === 'object' && 'pipe' in value && typeof value.pipe === 'function';
}

type Defined<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

function withoutUndefined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<Values>;
}
