/** What a user asks for, before the plan has looked at the source: the meaning of the grammar, the flags and the job file. */
import type { ContractSettings } from './contract.ts';
import type { RateStep } from './rate-schedule.ts';
import type { JobAutoscale, StageAutoscale } from './scale-policy.ts';
import type { TroubleSettings } from './trouble-settings.ts';

/** How a stage's tuples are delimited: one per line, or one per CSV record (which may hold newlines inside quotes). */
export type Format = 'csv' | 'lines';

/** How a stage's input is hash-partitioned. Columns are 1-based. */
export type KeySpec =
  | { readonly kind: 'line' }
  | { readonly kind: 'column'; readonly column: number }
  | { readonly kind: 'header'; readonly name: string };

/** What a stage runs. */
export type ProgramSpec =
  | { readonly kind: 'operator'; readonly operator: string; readonly argument?: string | undefined }
  /** A command line as a user would type it; `parseCommandLine` decides how it is started. */
  | { readonly kind: 'command'; readonly commandLine: string }
  /** A command as an array, started as it is. */
  | { readonly kind: 'argv'; readonly argv: readonly string[] };

export interface StageSpec extends ContractSettings, TroubleSettings {
  /** Shown in lists and logs: an operator's name, or a command's first word. */
  readonly name: string;
  readonly program: ProgramSpec;
  readonly key?: KeySpec | undefined;
  /** Number of parallel tasks, 1 to 256. */
  readonly tasks: number;
  /** Exit statuses allowed besides the ones the program has by default. */
  readonly okExit: readonly number[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly autoscale?: StageAutoscale | undefined;
}

/** `best-effort`: no journal, so an operator that dies fails the job. */
export type Delivery = 'exactly-once' | 'best-effort';

/** What a journal entry survives once it counts: the death of every process, or a power failure of the host as well. */
export type Durability = 'process' | 'host';

export type LogTuples = 'first' | 'all' | 'off';

export interface JobSpec {
  readonly stages: readonly StageSpec[];
  /** Paths, globs or folders as written; `-` is stdin. Relative ones are relative to `cwd`. */
  readonly sources: readonly string[];
  /** `-` stdout, a path, or a path ending in a slash for part files. */
  readonly dest: string;
  /** Undefined: csv when every source's name ends in .csv or .csv.gz, else lines. */
  readonly format?: Format | undefined;
  /** True when the source's first record is a header even if no column is named. */
  readonly header: boolean;
  readonly outputHeader: boolean;
  readonly overwrite: boolean;
  /** Tuples per second read from the source, by the time since its start; undefined: as fast as the pipeline takes them. */
  readonly rate?: readonly RateStep[] | undefined;
  readonly maxTupleBytes: number;
  readonly locale: string;
  readonly lineBuffered: boolean;
  /** Neighbouring stages run as one where they can (job/fuse-stages). */
  readonly fuse: boolean;
  readonly logTuples: LogTuples;
  /** Undefined: stages keep their numbers of tasks. */
  readonly autoscale?: JobAutoscale | undefined;
  readonly delivery: Delivery;
  readonly durability: Durability;
  /** Folder of the journals; by default in the leader's data folder. */
  readonly store?: string | undefined;
  /** What the journals of the job may take, in bytes. */
  readonly storeLimitBytes: number;
  /** Absolute folder that relative paths and commands start from. */
  readonly cwd: string;
}
