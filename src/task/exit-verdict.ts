/** How one process of an operator ended. */
export interface MemberExit {
  /** What was started, as the user knows it. */
  readonly command: string;
  readonly status: number | undefined;
  readonly signal: string | undefined;
  /** Why it could not be started at all. */
  readonly spawnError: string | undefined;
  readonly okStatuses: readonly number[];
  /** True where it was killed only because another process of its chain had failed. */
  readonly collateral?: boolean;
  /** How long it had stood still when it was killed for that. */
  readonly stalledMs?: number | undefined;
}

/**
 * In a pipe, death by SIGPIPE is no failure in any place but the last: the reader had enough, as `head` does.
 * Everything else follows from the allowed statuses.
 */
export function isFailure(exit: MemberExit, isLast: boolean): boolean {
  if (exit.signal === 'SIGPIPE') return isLast;
  return exit.status === undefined || !exit.okStatuses.includes(exit.status);
}

/** The failure that came first, not those that it caused. */
export function failureOf(exits: readonly MemberExit[]): MemberExit | undefined {
  const failures = exits.filter((exit, index) => isFailure(exit, index === exits.length - 1));
  return failures.find((exit) => exit.collateral !== true) ?? failures[0];
}

/**
 * A status that is only allowed by custom or by the user (1 for grep: nothing matched) says something about the whole
 * input, so it counts only at the input's real end. Before that only 0 means that the operator had enough.
 */
export function isEarlyFailure(exits: readonly MemberExit[]): MemberExit | undefined {
  const last = exits[exits.length - 1];
  return last !== undefined && last.status !== 0 ? last : undefined;
}

export function describeExit(exit: MemberExit): string {
  if (exit.spawnError !== undefined) return `could not be started: ${exit.spawnError}`;
  if (exit.collateral === true) return 'was killed with the others';
  if (exit.stalledMs !== undefined) return `stood still for ${exit.stalledMs} ms and was killed`;
  return exit.signal === undefined ? `exited with status ${exit.status}` : `died of ${exit.signal}`;
}
