/** How long tuples took from the source's stdin to the sink's stdout, at one rate. */
import { quantile } from './statistics.ts';
import { rounded, table } from './table.ts';

export interface Latency {
  readonly delivery: string;
  readonly tuplesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How many tuples were timed. */
  readonly tuples: number;
}

/** `timesMs`: in any order. Throws when there are none. */
export function latencyOf(delivery: string, tuplesPerSecond: number, timesMs: readonly number[]): Latency {
  if (timesMs.length === 0) throw new Error(`${delivery}, ${tuplesPerSecond} tuples/s: no tuple came back after the warm-up`);
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number) => quantile(sorted, share);
  return { delivery, tuplesPerSecond, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), tuples: sorted.length };
}

export function latencyTable(latencies: readonly Latency[]): string[] {
  const rows = latencies.map((one) => [one.delivery, String(one.tuplesPerSecond), ...[one.p50Ms, one.p99Ms, one.p999Ms].map((ms) => rounded(ms, 1)), String(one.tuples)]);
  return table(['delivery', 'tuples/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'tuples timed'], rows);
}
