/** What a stage's operator promises, and so how its tasks' journals are kept short and how it recovers. */
export const CONTRACTS = ['replay', 'snapshot', 'restart', 'fold'] as const;

/**
 * replay: the same input gives the same output. snapshot: besides that, it hands out its state and takes it back.
 * restart: stateless, so its input may be cut into pieces for one copy of it each. fold: what it prints at the end of a piece
 * stands for that piece at the beginning of the next.
 */
export type Contract = (typeof CONTRACTS)[number];

/** How often a task makes a checkpoint: after so much time with something new, or so much new input. */
export type CheckpointEvery = { readonly kind: 'time'; readonly ms: number } | { readonly kind: 'size'; readonly bytes: number };

/** When output goes on to the next stage: as it comes, or when a checkpoint holds it. */
export const RELEASES = ['eager', 'committed'] as const;
type Release = (typeof RELEASES)[number];

/** Output that is held comes so late at the most, unless the stage says otherwise. */
export const COMMITTED_EVERY: CheckpointEvery = { kind: 'time', ms: 1_000 };

/** What a stage says of it, if anything. */
export interface ContractSettings {
  readonly contract?: Contract | undefined;
  /** Undefined: as often as is worth it. */
  readonly checkpointEvery?: CheckpointEvery | undefined;
  /** `committed`: for programs that may print something else for the same input the next time. Undefined: `eager`. */
  readonly release?: Release | undefined;
}
