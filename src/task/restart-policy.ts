/**
 * Whether an operator that crashed is started again: a pure function.
 *
 * A crash after progress is bad luck and costs a replay. Crashes without progress are a loop: the operator dies of what it
 * is fed, or of itself, and will again. Death by SIGKILL comes from outside (a user, a test, the kernel short of memory) and
 * says less about the operator, so more of them are borne.
 */
export interface Crash {
  /** Crashes in a row before which no progress was made, this one included. */
  readonly withoutProgress: number;
  readonly bySigkill: boolean;
}

export type RestartDecision = { readonly kind: 'restart'; readonly afterMs: number } | { readonly kind: 'give-up' };

/** Crashes without progress after which an operator is given up, unless its stage says otherwise. */
const MAX_CRASHES = 3;
const MAX_SIGKILLS = 20;

/** The first restart is at once; a loop slows down, so that it cannot eat the machine. */
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

/** `maxRestarts`: what the stage says, of whatever its operator dies. */
export function decideRestart({ withoutProgress, bySigkill }: Crash, maxRestarts = bySigkill ? MAX_SIGKILLS : MAX_CRASHES): RestartDecision {
  if (withoutProgress > maxRestarts) return { kind: 'give-up' };
  if (withoutProgress <= 1) return { kind: 'restart', afterMs: 0 };
  return { kind: 'restart', afterMs: Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (withoutProgress - 2)) };
}
