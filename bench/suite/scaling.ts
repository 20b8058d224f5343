/** What a job costs as its input grows: whether the start does, and whether a row's share stays the same. */
import { rounded, table, whole } from './table.ts';

const COUNTS = [10, 1_000, 100_000, 1_000_000];

export interface TimedJob {
  readonly rows: number;
  /** From start to exit. */
  readonly ms: number;
}

export interface Scaling extends TimedJob {
  /** What each row beyond those of the smallest job has cost beyond it. Undefined for the smallest. */
  readonly microsPerRow: number | undefined;
}

/** How many rows each job has, in rising order, `rows` among them. */
export function scalingCounts(rows: number): number[] {
  return [...new Set([...COUNTS, rows])].toSorted((a, b) => a - b);
}

/** `jobs`: with the smallest first. */
export function scalingOf(jobs: readonly TimedJob[]): Scaling[] {
  const [smallest] = jobs;
  return jobs.map((job) => {
    const more = smallest === undefined ? 0 : job.rows - smallest.rows;
    return { ...job, microsPerRow: smallest === undefined || more === 0 ? undefined : ((job.ms - smallest.ms) * 1000) / more };
  });
}

export function scalingTable(scaling: readonly Scaling[]): string[] {
  return table(['rows', 'ms', 'µs per row over the smallest job'], scaling.map((one) => [String(one.rows), whole(one.ms), rounded(one.microsPerRow, 3)]));
}
