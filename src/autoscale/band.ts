/** What one task should have to do: at least `low`, at most `high`, best `target`. 0 <= low < target < high. */
export interface Band {
  readonly low: number;
  readonly high: number;
  readonly target: number;
}

/** A load that is a whole number of tasks but for rounding is that many, not one more. */
const ROUNDING = 1e-9;

/**
 * How many tasks a load needs, from 1: as many as bring each to the target, or, where they would have less than `low`, as few
 * as have at most `high`. Then it may be that no number lies in the band; the one that is too large is harmless.
 */
export function tasksFor(load: number, band: Band): number {
  const aimed = upwards(load / band.target);
  return load / aimed >= band.low ? aimed : upwards(load / band.high);
}

function upwards(tasks: number): number {
  return Math.max(1, Math.ceil(tasks * (1 - ROUNDING)));
}
