/** Tasks that hold the others of their stage back, and what makes them slow. */
import { MAX_TOLD_KEY_BYTES } from '../base/limits.ts';
import type { HeavyHitter } from '../job/heavy-hitters.ts';
import { hashBytes, partitionOf } from '../job/partition.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { taskId } from '../job/task-id.ts';
import { partitioningAfter, stageBefore, stageTasks, tasksOfStage, type Topology } from '../job/topology.ts';
import type { TaskRate } from './rates.ts';

export interface Straggler {
  readonly stage: number;
  readonly index: number;
  /** See `TaskRate`. */
  readonly busyShare: number;
  /** The mean of the stage's other tasks. */
  readonly othersBusyShare: number;
  /** Of all tuples that come into the stage, 0 to 1. */
  readonly inShare: number;
  /** Frequent keys that go to this task, with their share of all that comes into the stage. */
  readonly hotKeys: readonly HeavyHitter[];
}

export interface MeasuredJob {
  readonly topology: Topology;
  /** By `taskId`. */
  readonly statuses: ReadonlyMap<string, TaskStatus>;
  readonly rates: { of(task: { readonly stage: number; readonly index: number }): TaskRate };
}

/** Below this a task could do more, so it does not hold anybody back. */
const MIN_BUSY_SHARE = 0.9;

/** Tasks that are about as busy as the slowest one wait for nobody. */
const MAX_OTHERS_SHARE = 0.7;

/** What people are told of one. */
const MAX_KEYS = 3;

/** The task that holds a stage back, if one does. */
export function findStraggler(job: MeasuredJob, stage: number): Straggler | undefined {
  const count = tasksOfStage(job.topology, stage);
  const rates = Array.from({ length: count }, (_, index) => job.rates.of({ stage, index }));
  const index = indexOfMost(rates.map(({ busyShare }) => busyShare));
  const slowest = rates[index];
  if (count < 2 || slowest === undefined || slowest.busyShare < MIN_BUSY_SHARE) return undefined;
  const othersBusyShare = (sumOf(rates, ({ busyShare }) => busyShare) - slowest.busyShare) / (count - 1);
  if (othersBusyShare > MAX_OTHERS_SHARE * slowest.busyShare) return undefined;
  const inRate = sumOf(rates, (rate) => rate.inRate);
  return {
    stage, index, busyShare: slowest.busyShare, othersBusyShare,
    inShare: inRate === 0 ? 0 : slowest.inRate / inRate,
    hotKeys: hotKeysOf(job, stage, index),
  };
}

/** One sentence for people. */
export function describeStraggler({ stage, index, busyShare, othersBusyShare, inShare, hotKeys }: Straggler): string {
  const keys = hotKeys.map(({ key, share }) => `${JSON.stringify(Buffer.from(key, 'latin1').toString())} ${percent(share)}`).join(', ');
  const why = keys === '' ? '' : `; frequent keys that go there: ${keys} of all`;
  return `task ${taskId({ stage, index })} holds stage ${stage} back: it is busy ${percent(busyShare)} of the time, the others ${percent(othersBusyShare)}; it gets ${percent(inShare)} of the tuples${why}`;
}

/** What the stage's producers have counted, each by how much it sends. */
function hotKeysOf({ topology, statuses, rates }: MeasuredJob, stage: number, index: number): HeavyHitter[] {
  if (partitioningAfter(topology, stageBefore(topology, stage)).kind === 'spread') return [];
  const producers = stageTasks(topology, stageBefore(topology, stage));
  const total = sumOf(producers, (producer) => rates.of(producer).outRate);
  const shares = new Map<string, number>();
  for (const producer of producers) {
    const weight = total === 0 ? 1 / producers.length : rates.of(producer).outRate / total;
    for (const { key, share } of statuses.get(taskId(producer))?.hotKeys ?? []) shares.set(key, (shares.get(key) ?? 0) + share * weight);
  }
  const tasks = tasksOfStage(topology, stage);
  const goesThere = ([key]: [string, number]) => key.length < MAX_TOLD_KEY_BYTES && partitionOf(hashOf(key), tasks) === index;
  return [...shares].filter(goesThere).map(([key, share]) => ({ key, share })).toSorted((a, b) => b.share - a.share).slice(0, MAX_KEYS);
}

function hashOf(key: string): number {
  const bytes = Buffer.from(key, 'latin1');
  return hashBytes(bytes, 0, bytes.length);
}

function indexOfMost(values: readonly number[]): number {
  return values.reduce((most, value, index) => (value > (values[most] ?? -1) ? index : most), 0);
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
