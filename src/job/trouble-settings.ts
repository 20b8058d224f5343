/** What a stage says about operators that get into trouble; what is left away has its default. */
export interface TroubleSettings {
  /**
   * Crashes in a row without progress after which an operator is started again, 0 to `MAX_RESTARTS`; with 0 none is, whatever
   * progress it has made. Undefined: as `task/restart-policy` says.
   */
  readonly maxRestarts?: number | undefined;
}

/** With the longest delays between them so many restarts take more than half an hour: whoever wants more has another problem. */
export const MAX_RESTARTS = 1_000;
