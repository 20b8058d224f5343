/** Where a producer stood in making a channel's tuples. */
export interface MadePosition {
  /** Tuples made. */
  readonly sequence: number;
  /** CRC-32 of all their bytes. */
  readonly digest: number;
  /** The consumer wanted no more. */
  readonly stopped: boolean;
}

export const NOTHING_MADE: MadePosition = { sequence: 0, digest: 0, stopped: false };
