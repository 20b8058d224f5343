import type { RainstormError } from '../base/errors.ts';
import type { TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskStatus } from '../job/task-status.ts';
import type { ReceiverEvents } from '../wire/channel-receiver.ts';
import type { SenderEvents } from '../wire/channel-sender.ts';

/** One running task: a source, an operator's copy, or a sink. Its channels' ends report to it. */
export interface Task {
  readonly ref: TaskRef;
  /** What its receivers call; a source has none. */
  readonly input: ReceiverEvents;
  /** What its senders call; a sink has none. */
  readonly output: SenderEvents;
  start(): Promise<void>;
  /** Tasks before or behind have come or gone: what `receivers`, `producers` and the lanes say has changed. */
  rewired(): void;
  status(): TaskStatus;
  /** Ends it at once: operators are killed, nothing more is read or written. Resolves when no process is left. */
  stop(unfinished?: Unfinished): Promise<void>;
}

/** What becomes of a result that is half written: nobody will want it, or another attempt goes on with it. */
export type Unfinished = 'remove' | 'keep';

export function failureFrom(error: RainstormError, stderr: readonly string[] = []): TaskFailure {
  return { code: error.code, message: error.message, hint: error.hint, stderr };
}

export const NO_INPUT: ReceiverEvents = { accepted: unexpected, rejected: unexpected, ended: unexpected };
export const NO_OUTPUT: SenderEvents = { acked: unexpected, done: unexpected, stopped: unexpected };

function unexpected(): never {
  throw new Error('a source has no input and a sink has no output');
}
