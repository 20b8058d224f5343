import type { MadePosition } from '../wire/made-position.ts';

/** How far an attempt's output has come, and with it everything that decides where the next tuple goes. */
export interface OutputPosition {
  readonly tuples: number;
  readonly offsetBytes: number;
  /** Of the stage behind, that the next tuple goes to. */
  readonly generation: number;
  /** By consumer of that generation. */
  readonly channels: readonly MadePosition[];
}
