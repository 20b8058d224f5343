/** By what the number of a stage's tasks is decided. Plain JSON. */
import { RainstormError } from '../base/errors.ts';

export type ScalePolicy =
  /** Tuples/s that a task takes: below `lw` there are too many tasks, above `hw` too few. 0 <= lw < hw. */
  | { readonly kind: 'thresholds'; readonly lw: number; readonly hw: number }
  /** Keeps the share of the time in which tasks work within a band; nothing to set. */
  | { readonly kind: 'auto' };

/** `lw` and `hw` as given, both or neither. Throws USAGE. */
export function makeScalePolicy(lw: number | undefined, hw: number | undefined): ScalePolicy {
  if (lw === undefined && hw === undefined) return { kind: 'auto' };
  if (lw === undefined || hw === undefined) {
    throw new RainstormError('USAGE', lw === undefined ? '--hw is given without --lw' : '--lw is given without --hw', { hint: HINT });
  }
  if (lw < hw) return { kind: 'thresholds', lw, hw };
  throw new RainstormError('USAGE', `--lw ${lw} is not below --hw ${hw}`, { hint: HINT });
}

const HINT = 'A task that takes less than LW tuples a second is one too many, one that takes more than HW too few, as in --lw 50 --hw 200. Without the two, stages are judged by how busy they are.';
