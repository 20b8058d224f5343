import { RainstormError } from '../base/errors.ts';
import type { JobFailure } from './job-events.ts';

/** A job that had begun and came to no result. */
export class JobFailedError extends RainstormError {
  readonly job: string;
  /** The folder of its logs. */
  readonly logs: string;
  /** The last lines that the operator wrote on stderr, where one was the reason. */
  readonly stderr: readonly string[];

  constructor({ code, message, hint, stderr }: JobFailure, { job, logs }: { readonly job: string; readonly logs: string }) {
    super(code, message, hint === undefined ? {} : { hint });
    this.name = 'JobFailedError';
    this.job = job;
    this.logs = logs;
    this.stderr = stderr;
  }
}
