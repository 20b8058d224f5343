/** What a job file may say of autoscaling, for the whole job and for one stage. */
import { z } from 'zod';
import { RainstormError } from '../base/errors.ts';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import { parseCooldown } from './cooldown.ts';
import { makeScalePolicy, type BusyBand, type ScalePolicy, type StageAutoscale } from './scale-policy.ts';
import { attempt, must, problem, whole } from './schema-parts.ts';

const tuplesPerSecond = z.number(must('a number of tuples a second')).min(0, must('a number of tuples a second'));
const share = z.number(must('a share of the time, from 0 to 1')).min(0, must('a share of the time, from 0 to 1')).max(1, must('a share of the time, from 0 to 1'));

/** One of the two pairs. */
const policyKeys = { lw: tuplesPerSecond.optional(), hw: tuplesPerSecond.optional(), lowBusy: share.optional(), highBusy: share.optional() };

const JOB_ALLOWED = 'auto, or keys and values, as in { lw: 50, hw: 200 }';
const STAGE_ALLOWED = 'off, or keys and values, as in { min: 2, max: 8 }';

const jobKeys = z.strictObject(policyKeys, must(JOB_ALLOWED));

const stageKeys = z.strictObject({
  ...policyKeys,
  min: whole(1, MAX_TASKS_PER_STAGE).optional(),
  max: whole(1, MAX_TASKS_PER_STAGE).optional(),
  cooldown: z.string(must('a duration such as 10s')).transform((value, context) => attempt(context, [], () => parseCooldown(value))).optional(),
}, must(STAGE_ALLOWED));

/** Of the whole job. */
export const jobAutoscale = z.union([
  z.string().refine((word) => word === 'auto', must(JOB_ALLOWED)).transform((): ScalePolicy => ({ kind: 'auto' })),
  jobKeys.transform((keys, context) => attempt(context, [], () => policyOf(keys) ?? { kind: 'auto' as const })),
], must(JOB_ALLOWED));

/** Of one stage. */
export const stageAutoscale = z.union([
  z.string().refine((word) => word === 'off', must(STAGE_ALLOWED)).transform((): StageAutoscale => ({ off: true })),
  stageKeys.transform(toStage),
], must(STAGE_ALLOWED));

export const JOB_AUTOSCALE_KEYS: readonly string[] = Object.keys(jobKeys.shape);
export const STAGE_AUTOSCALE_KEYS: readonly string[] = Object.keys(stageKeys.shape);

type PolicyKeys = z.output<typeof jobKeys>;

function toStage({ min, max, cooldown, ...keys }: z.output<typeof stageKeys>, context: z.RefinementCtx): StageAutoscale {
  if (min !== undefined && max !== undefined && min > max) return problem(context, ['min'], `min ${min} is above max ${max}`, 'A stage has at least min tasks and at most max.');
  return { policy: attempt(context, [], () => policyOf(keys)), min, max, cooldownMs: cooldown };
}

/** Undefined where nothing is said of it. Throws USAGE. */
function policyOf({ lw, hw, lowBusy, highBusy }: PolicyKeys): ScalePolicy | undefined {
  const [hasMarks, hasShares] = [lw !== undefined || hw !== undefined, lowBusy !== undefined || highBusy !== undefined];
  if (hasMarks && hasShares) {
    throw new RainstormError('USAGE', 'a stage is judged by the tuples that a task takes or by how busy it is, not by both', { hint: 'Give lw and hw, or lowBusy and highBusy.' });
  }
  if (hasMarks) return makeScalePolicy(lw, hw, '');
  return hasShares ? { kind: 'auto', busy: bandOf(lowBusy, highBusy) } : undefined;
}

function bandOf(low: number | undefined, high: number | undefined): BusyBand {
  if (low !== undefined && high !== undefined && low < high) return { low, high };
  const message = low === undefined ? 'highBusy is given without lowBusy' : high === undefined ? 'lowBusy is given without highBusy' : `lowBusy ${low} is not below highBusy ${high}`;
  throw new RainstormError('USAGE', message, { hint: 'Tasks that are busy for less of the time than lowBusy are too many, for more than highBusy too few, as in lowBusy: 0.5, highBusy: 0.8.' });
}
