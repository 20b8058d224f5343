/** What becomes of an operator that stands still: it is only told, or killed and started again. */
export const STALL_REACTIONS = ['report', 'restart'] as const;
type StallReaction = (typeof STALL_REACTIONS)[number];

/** What becomes of a tuple of which an operator dies each time: the job fails, or it is put aside and left out. */
export const POISON_REACTIONS = ['fail', 'deadletter'] as const;
type PoisonReaction = (typeof POISON_REACTIONS)[number];

/** What a stage says about operators that get into trouble; what is left away has its default. */
export interface TroubleSettings {
  /**
   * Crashes in a row without progress after which an operator is started again, 0 to `MAX_RESTARTS`; with 0 none is, whatever
   * progress it has made. Undefined: as `task/restart-policy` says.
   */
  readonly maxRestarts?: number | undefined;
  /** How long an operator may have something to do and do nothing before it is said to stand still; 0: for ever. */
  readonly stallTimeoutMs?: number | undefined;
  /** Undefined: `report`. */
  readonly onStall?: StallReaction | undefined;
  /** Undefined: `fail`. */
  readonly onPoison?: PoisonReaction | undefined;
}

/** With the longest delays between them so many restarts take more than half an hour: whoever wants more has another problem. */
export const MAX_RESTARTS = 1_000;

/** An operator of ours that neither reads nor prints for so long is broken. What commands do, nobody knows: a slow one is not dead. */
export const OPERATOR_STALL_MS = 60_000;
