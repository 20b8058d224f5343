/** How much of ended jobs a data folder keeps. */
export interface KeepLimits {
  /** Ended jobs kept, the newest first. */
  readonly jobs: number;
  readonly bytes: number;
}

export const DEFAULT_KEEP: KeepLimits = { jobs: 10, bytes: 1024 * 1024 * 1024 };
