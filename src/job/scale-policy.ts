/** By what the numbers of stages' tasks are decided while a job runs. Plain JSON. */
import { RainstormError } from '../base/errors.ts';

export type ScalePolicy =
  /** Tuples/s that a task takes: below `lw` there are too many tasks, above `hw` too few. 0 <= lw < hw. */
  | { readonly kind: 'thresholds'; readonly lw: number; readonly hw: number }
  /** Keeps the share of the time in which tasks work within a band: `busy`, or one that suits most stages. */
  | { readonly kind: 'auto'; readonly busy?: BusyBand | undefined };

/** Shares of a task's time: 0 <= low < high <= 1. */
export interface BusyBand {
  readonly low: number;
  readonly high: number;
}

/** Of a whole job. */
export interface JobAutoscale {
  readonly policy: ScalePolicy;
  /** It is said how many tasks each stage should have, and nothing is done about it. */
  readonly dryRun: boolean;
}

/** What one stage says of it; without a word of it for the whole job, none of this means anything. */
export interface StageAutoscale {
  /** The stage keeps its number of tasks. */
  readonly off?: true | undefined;
  /** In place of the job's. */
  readonly policy?: ScalePolicy | undefined;
  /** Tasks, from 1. */
  readonly min?: number | undefined;
  /** Tasks, at least `min`. */
  readonly max?: number | undefined;
  /** Between two changes, at least. */
  readonly cooldownMs?: number | undefined;
}

/** `lw` and `hw` as given, both or neither; `dashes` is what they are called with. Throws USAGE. */
export function makeScalePolicy(lw: number | undefined, hw: number | undefined, dashes: '--' | '' = '--'): ScalePolicy {
  if (lw === undefined && hw === undefined) return { kind: 'auto' };
  const hint = `A task that takes less than LW tuples a second is one too many, one that takes more than HW too few, as in ${dashes === '' ? 'lw: 50, hw: 200' : '--lw 50 --hw 200'}. Without the two, stages are judged by how busy they are.`;
  if (lw === undefined || hw === undefined) {
    const [there, missing] = lw === undefined ? ['hw', 'lw'] : ['lw', 'hw'];
    throw new RainstormError('USAGE', `${dashes}${there} is given without ${dashes}${missing}`, { hint });
  }
  if (lw < hw) return { kind: 'thresholds', lw, hw };
  throw new RainstormError('USAGE', `${dashes}lw ${lw} is not below ${dashes}hw ${hw}`, { hint });
}
