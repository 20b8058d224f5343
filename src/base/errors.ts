/**
 * Every expected failure has one code, listed here with what follows from it. Bugs throw plain `Error`s.
 *
 * `exit`: the exit status of the command line (1 the job failed, 2 bad usage).
 * `http`: the status an HTTP route answers with.
 * `retry`: whether the same call may succeed later without anybody changing anything.
 */
export const ERROR_CODES = {
  USAGE: { exit: 2, http: 400, retry: false },
  STAGE_SYNTAX: { exit: 2, http: 400, retry: false },
  UNKNOWN_OPERATOR: { exit: 2, http: 400, retry: false },
  OPERATOR_ARGUMENT: { exit: 2, http: 400, retry: false },
  CONTRACT: { exit: 2, http: 400, retry: false },
  JOB_FILE: { exit: 2, http: 400, retry: false },
  UNKNOWN_COLUMN: { exit: 2, http: 400, retry: false },
  SOURCE_NOT_FOUND: { exit: 2, http: 400, retry: false },
  SOURCE_UNREADABLE: { exit: 2, http: 400, retry: false },
  SOURCE_FORMAT: { exit: 2, http: 400, retry: false },
  DESTINATION: { exit: 2, http: 400, retry: false },
  DESTINATION_BUSY: { exit: 2, http: 409, retry: true },
  COMMAND_NOT_FOUND: { exit: 2, http: 400, retry: false },
  PORT_IN_USE: { exit: 2, http: 409, retry: true },
  LISTEN_REFUSED: { exit: 2, http: 400, retry: false },
  WRONG_TOKEN: { exit: 2, http: 401, retry: false },
  CROSS_SITE: { exit: 2, http: 403, retry: false },
  NO_LIVE_JOB: { exit: 2, http: 404, retry: false },
  UNKNOWN_JOB: { exit: 2, http: 404, retry: false },
  UNKNOWN_TASK: { exit: 2, http: 404, retry: false },
  UNKNOWN_STAGE: { exit: 2, http: 404, retry: false },
  UNREACHABLE: { exit: 1, http: 502, retry: true },
  NO_WORKERS: { exit: 1, http: 503, retry: true },
  WORKER_LOST: { exit: 1, http: 500, retry: false },
  DEPOSED: { exit: 1, http: 409, retry: false },
  UNKNOWN_WORKER: { exit: 1, http: 404, retry: true },
  NOT_SCALABLE: { exit: 1, http: 409, retry: false },
  NOT_RESUMABLE: { exit: 2, http: 409, retry: false },
  OPERATOR_FAILED: { exit: 1, http: 500, retry: false },
  CHECK_LIMIT: { exit: 1, http: 500, retry: false },
  BAD_VALUE: { exit: 1, http: 400, retry: false },
  TUPLE_TOO_LONG: { exit: 1, http: 400, retry: false },
  UNCLOSED_QUOTE: { exit: 1, http: 400, retry: false },
  SOURCE_FAILED: { exit: 1, http: 500, retry: false },
  SINK_FAILED: { exit: 1, http: 500, retry: false },
  STATE_FULL: { exit: 1, http: 507, retry: false },
  STORE_FULL: { exit: 1, http: 507, retry: false },
  STORE_FAILED: { exit: 1, http: 500, retry: false },
  LOG_FENCED: { exit: 1, http: 409, retry: false },
  LOG_CORRUPT: { exit: 1, http: 500, retry: false },
  DIVERGED: { exit: 1, http: 500, retry: false },
  PROTOCOL: { exit: 1, http: 500, retry: true },
  JOB_FAILED: { exit: 1, http: 500, retry: false },
  NOT_CANCELLED: { exit: 1, http: 409, retry: false },
  CANCELLED: { exit: 130, http: 409, retry: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An expected failure: what was wrong, where, and what to do, in words a user can act on. */
export class RainstormError extends Error {
  readonly code: ErrorCode;
  /** What to do about it, a sentence for a line of its own. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'RainstormError';
    this.code = code;
    this.hint = options.hint;
  }

  get exitStatus(): number {
    return ERROR_CODES[this.code].exit;
  }

  get httpStatus(): number {
    return ERROR_CODES[this.code].http;
  }
}

/** The `code` of a failed system call (`ENOENT`, `EPIPE` …), or undefined for any other value. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** States an invariant. A false one is a bug of ours, never a user's mistake. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
