import type { ErrorCode } from '../base/errors.ts';
import type { HeavyHitter } from './heavy-hitters.ts';

/**
 * `starting`: placed, not yet started. `running`. `draining`: its operator has ended, its output is not yet all acked.
 * `finished`: it has nothing left to do. `failed`: and so has the job. `stopped`: ended by us with the job.
 */
export type TaskState = 'starting' | 'running' | 'draining' | 'finished' | 'failed' | 'stopped';

export interface TaskFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The operator's last lines on stderr. */
  readonly stderr: readonly string[];
}

/** A process group that a task has started. */
export interface GroupIdentity {
  readonly pid: number;
  /** Tells the process from a later one with the same pid; undefined where the system does not say. */
  readonly startTime?: string | undefined;
}

/** What the time of an operator's task went to since its worker hosts it. Times are totals in milliseconds. */
export interface TaskLoad {
  /** An operator ran. */
  readonly upMs: number;
  /** It had input that it had not taken, and nobody kept it from taking it. */
  readonly workingMs: number;
  /** Its consumers had no room for what it puts out. */
  readonly blockedMs: number;
  /** Processor time of the operator; of the process that used most, where it is a chain. Undefined where the system does not tell. */
  readonly cpuMs?: number | undefined;
  /** Input that was accepted and not given to the operator yet, in bytes. */
  readonly backlogBytes: number;
}

/** What a worker tells about one of its tasks. Counts are totals since the job began. */
export interface TaskStatus {
  readonly stage: number;
  readonly index: number;
  readonly generation: number;
  readonly attempt: number;
  readonly state: TaskState;
  readonly groups: readonly GroupIdentity[];
  readonly inTuples: number;
  readonly outTuples: number;
  /** Of the stage behind, that its output goes to; as far as that is durable. */
  readonly outGeneration?: number | undefined;
  /** It is about to go to the next one, which is not durable yet. */
  readonly switching?: boolean | undefined;
  /** Asked to stand still, it does, and nobody has anything of it; or it cannot any more. */
  readonly frozen?: boolean | undefined;
  /** Its operator has something to do and does nothing. */
  readonly stalled?: boolean | undefined;
  /** Tuples of its input that were left out, since its operator dies of them. */
  readonly skippedTuples?: number | undefined;
  /** The most frequent keys of its output, as latin1, the most frequent first; only where its consumers are chosen by key. */
  readonly hotKeys?: readonly HeavyHitter[] | undefined;
  /** Of an operator's task. */
  readonly load?: TaskLoad | undefined;
  /** Bytes of the source read, at a source task. */
  readonly sourceDoneBytes?: number | undefined;
  readonly sourceTotalBytes?: number | undefined;
  readonly failure?: TaskFailure | undefined;
}
