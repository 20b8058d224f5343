import type { Contract, ContractSettings } from './contract.ts';
import type { InputFile } from './file-range.ts';
import type { Program } from './program.ts';
import type { RateStep } from './rate-schedule.ts';
import type { JobAutoscale, StageAutoscale } from './scale-policy.ts';
import type { Format, LogTuples } from './stage-spec.ts';
import type { TroubleSettings } from './trouble-settings.ts';

/** How tuples are spread over the tasks of the stage that takes them. Columns are 1-based. */
export type Partitioning =
  /** By position in the producer's output, for stages without a key. */
  | { readonly kind: 'spread' }
  /** By the whole tuple. */
  | { readonly kind: 'line' }
  /** By the unquoted value of one CSV column. */
  | { readonly kind: 'column'; readonly column: number };

export interface StagePlan extends TroubleSettings, Omit<ContractSettings, 'contract'> {
  /** From 1, as the user counts them unless `asked` says so; of stages that were fused, the last one's. */
  readonly number: number;
  /** As the user counts it, where a stage was put before it (job/combine-counts). */
  readonly asked?: number | undefined;
  /** Of stages that were fused, the first one's number. */
  readonly first?: number | undefined;
  /** The names of the stages that were fused, in their order. */
  readonly fusedFrom?: readonly string[] | undefined;
  readonly name: string;
  readonly program: Program;
  readonly tasks: number;
  /** How often it was given another number of tasks, and one: the first unless told. */
  readonly generation?: number | undefined;
  /** How many tasks the generation before had, with whose state this one began. */
  readonly predecessors?: number | undefined;
  readonly inputFormat: Format;
  readonly partitioning: Partitioning;
  readonly outputFormat: Format;
  /** Allowed exit statuses besides 0 and the ones a program has by custom (1 for grep). */
  readonly okExit: readonly number[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What its operator promises. */
  readonly contract: Contract;
  /** False where the contract is only assumed. */
  readonly contractDeclared: boolean;
  /** Of several stages that were fused, of one task each: one behind the first has a key. */
  readonly keyedWithin?: boolean | undefined;
  /** Of the first stage: its task is told where tuples stand in these files, instead of being sent them. */
  readonly readsFiles?: readonly InputFile[] | undefined;
  readonly autoscale?: StageAutoscale | undefined;
}

/** A job, decided: everything a worker needs to know to run its share. Plain JSON. */
export interface JobPlan {
  readonly stages: readonly StagePlan[];
  readonly source: {
    readonly format: Format;
    /** True when the first record of every file is a header, which is checked and dropped. */
    readonly header: boolean;
    /** By the time since the start of the source, which begins anew wherever its task is started again. */
    readonly rate?: readonly RateStep[] | undefined;
  };
  readonly sink: {
    readonly format: Format;
    /** The row the output begins with, without newline; undefined for none. */
    readonly headerRow?: string | undefined;
  };
  readonly maxTupleBytes: number;
  readonly locale: string;
  readonly lineBuffered: boolean;
  readonly logTuples: LogTuples;
  /** By what it is decided while the job runs how many tasks its stages should have; undefined: they keep what they have. */
  readonly autoscale?: JobAutoscale | undefined;
}
