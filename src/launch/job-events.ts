/**
 * What programs that run a job are told of it. These are the events of docs/events.md; they are written out here, since what is
 * published has no part of the library that checks them.
 */
import type { ErrorCode } from '../base/errors.ts';

export type JobState = 'waiting' | 'running' | 'publishing' | 'done' | 'failed' | 'cancelled';

/** Why a job failed. */
export interface JobFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** The last lines that the operator wrote on stderr. */
  readonly stderr: readonly string[];
}

export interface Rates {
  /** Tuples a second, of the last three seconds. */
  readonly inRate: number;
  readonly outRate: number;
  /** Shares of the time, 0 to 1, in which operators worked, and in which consumers had no room for what they put out. */
  readonly busyShare: number;
  readonly blockedShare: number;
  /** Input that operators were not given yet, in bytes. */
  readonly backlogBytes: number;
}

/** Stage 0 is the source, the last one the sink. */
export interface StageStatus extends Rates {
  readonly stage: number;
  readonly name: string;
  readonly tasks: number;
  /** Since the job began. */
  readonly inTuples: number;
  readonly outTuples: number;
}

/** A change in the number of a stage's tasks. */
export interface ScaleChange {
  /** Of the job's changes, from 1. */
  readonly number: number;
  /** When it was decided, in ISO 8601. */
  readonly at: string;
  readonly stage: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly outcome: 'begun' | 'done' | 'refused';
  /** Where it was refused. */
  readonly why?: string | undefined;
}

export interface JobStatus {
  readonly job: string;
  readonly state: JobState;
  /** In ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  /** As it was given; `-` for a stream. */
  readonly dest: string;
  /** The folder of its logs. */
  readonly logs: string;
  readonly stages: readonly StageStatus[];
  /** Of the source's files, read so far and in all; the latter is undefined for a stream. */
  readonly sourceDoneBytes: number;
  readonly sourceTotalBytes?: number | undefined;
  /** Tuples that were left out since their operator died of them (`onPoison`), and the folder where they are. */
  readonly skippedTuples: number;
  readonly deadLetters: string;
  /** What may make the result another than was meant. */
  readonly notes: readonly string[];
  /** What is good to know. */
  readonly remarks: readonly string[];
  /** How many tasks stages should have and were not given, in words. */
  readonly scaleAdvice: readonly string[];
  readonly scaled: readonly ScaleChange[];
  readonly failure?: JobFailure | undefined;
}

export type JobEvent =
  /** First of all: the job as it is. */
  | { readonly event: 'job'; readonly data: JobStatus }
  | { readonly event: 'state'; readonly data: { readonly state: JobState; readonly failure?: JobFailure | undefined } }
  /** Each second. `atMs`: since the Unix epoch. */
  | {
    readonly event: 'rates';
    readonly data: {
      readonly atMs: number;
      readonly stages: readonly (Rates & { readonly stage: number; readonly tasks: number })[];
      readonly tasks: readonly (Rates & { readonly stage: number; readonly index: number; readonly state: string })[];
    };
  }
  /** A task was started again. */
  | { readonly event: 'restart'; readonly data: { readonly stage: number; readonly index: number; readonly attempt: number; readonly worker: string } }
  | { readonly event: 'scale'; readonly data: ScaleChange }
  /** How many tasks a stage should have; nothing is done about it. */
  | { readonly event: 'advice'; readonly data: { readonly stage: number; readonly text: string } }
  /** Something worth a mark on a chart. */
  | {
    readonly event: 'mark';
    readonly data: {
      readonly atMs: number; readonly kind: string; readonly text: string;
      readonly stage?: number | undefined; readonly index?: number | undefined; readonly worker?: string | undefined;
    };
  }
  /** So many events were left out here, since they were not taken fast enough. */
  | { readonly event: 'lost'; readonly data: { readonly events: number } };
