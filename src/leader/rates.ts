/**
 * How fast each task is and what keeps it, over the last seconds, from the totals of successive reports.
 *
 * A worker's totals begin anew with each attempt that it hosts.
 */
import { taskId } from '../job/task-id.ts';
import type { TaskLoad, TaskStatus } from '../job/task-status.ts';
import { TaskTotals } from './task-totals.ts';

export interface TaskRate {
  /** Tuples per second. */
  readonly inRate: number;
  readonly outRate: number;
  /**
   * Of the time in which its operator ran, 0 to 1: the share in which it had input to take and was free to take it, or that
   * its processor time took, whichever is more. The first misses what lies in its pipe, the second what it waits for.
   */
  readonly busyShare: number;
  /** The share that its processor time took; undefined where the system does not tell. */
  readonly cpuShare?: number | undefined;
  /** The share in which its consumers had no room. */
  readonly blockedShare: number;
  /** Input that its operator was not given yet. */
  readonly backlogBytes: number;
}

/** Long enough that a report that is late does not show, short enough that a change does. */
const WINDOW_MS = 3_000;

/** Shorter spans make rates of noise. */
const MIN_SPAN_MS = 500;

interface Sample {
  readonly at: number;
  readonly inTuples: number;
  readonly outTuples: number;
  readonly load: TaskLoad;
}

const NO_LOAD: TaskLoad = { upMs: 0, workingMs: 0, blockedMs: 0, cpuMs: 0, backlogBytes: 0 };

const NO_RATE: TaskRate = { inRate: 0, outRate: 0, busyShare: 0, blockedShare: 0, backlogBytes: 0 };

export class Rates {
  /** Since the job began. */
  readonly totals = new TaskTotals();
  /** Oldest first; the first is at the window's edge or behind it. */
  readonly #samples = new Map<string, Sample[]>();

  /** `now` in milliseconds. */
  update(status: TaskStatus, now: number): void {
    this.totals.update(status);
    const id = taskId(status);
    const samples = this.#samples.get(id) ?? [];
    const last = samples.at(-1);
    if (last !== undefined && now - last.at < MIN_SPAN_MS) return;
    const { inTuples, outTuples, load = NO_LOAD } = status;
    samples.push({ at: now, inTuples, outTuples, load });
    while (samples.length > 2 && (samples[1] as Sample).at <= now - WINDOW_MS) samples.shift();
    this.#samples.set(id, samples);
  }

  of(task: { readonly stage: number; readonly index: number }): TaskRate {
    const samples = this.#samples.get(taskId(task)) ?? [];
    return rateBetween(samples[0], samples.at(-1));
  }

  /** Between the last two reports, about a second, for who smooths it himself. */
  latest(task: { readonly stage: number; readonly index: number }): TaskRate {
    const samples = this.#samples.get(taskId(task)) ?? [];
    return rateBetween(samples.at(-2), samples.at(-1));
  }
}

function rateBetween(first: Sample | undefined, last: Sample | undefined): TaskRate {
  if (first === undefined || last === undefined || first === last) return NO_RATE;
  const seconds = (last.at - first.at) / 1000;
  const upMs = grown(first.load.upMs, last.load.upMs);
  const share = (before: number, total: number) => (upMs === 0 ? 0 : Math.min(1, grown(before, total) / upMs));
  return {
    inRate: grown(first.inTuples, last.inTuples) / seconds,
    outRate: grown(first.outTuples, last.outTuples) / seconds,
    busyShare: Math.max(share(first.load.workingMs, last.load.workingMs), share(first.load.cpuMs ?? 0, last.load.cpuMs ?? 0)),
    ...(last.load.cpuMs === undefined ? {} : { cpuShare: share(first.load.cpuMs ?? 0, last.load.cpuMs) }),
    blockedShare: share(first.load.blockedMs, last.load.blockedMs),
    backlogBytes: last.load.backlogBytes,
  };
}

/** A total that has shrunk began anew. */
function grown(before: number, total: number): number {
  return total >= before ? total - before : total;
}
