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

/** What a stage says of it, if anything. */
export interface ContractSettings {
  readonly contract?: Contract | undefined;
  readonly checkpointEvery?: CheckpointEvery | undefined;
}
