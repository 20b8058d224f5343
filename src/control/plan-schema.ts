import { z } from 'zod';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import { CONTRACTS, RELEASES, type CheckpointEvery } from '../job/contract.ts';
import type { InputFile } from '../job/file-range.ts';
import type { JobPlan, StagePlan } from '../job/plan.ts';
import { isRateSchedule, MAX_RATE_STEPS, type RateStep } from '../job/rate-schedule.ts';
import { MAX_COOLDOWN_MS } from '../job/cooldown.ts';
import type { JobAutoscale, ScalePolicy, StageAutoscale } from '../job/scale-policy.ts';
import { MAX_STALL_MS } from '../job/stall-timeout.ts';
import { MAX_RESTARTS, POISON_REACTIONS, STALL_REACTIONS } from '../job/trouble-settings.ts';

const format = z.enum(['csv', 'lines']);

const program = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('operators'), operators: z.array(z.object({ operator: z.string(), args: z.array(z.string()) })).min(1) }),
  z.object({ kind: z.literal('chain'), commands: z.array(z.array(z.string()).min(1)).min(1) }),
  z.object({ kind: z.literal('shell'), script: z.string() }),
]);

const partitioning = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('spread') }),
  z.object({ kind: z.literal('line') }),
  z.object({ kind: z.literal('column'), column: z.int().min(1) }),
]);

const checkpointEvery = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('time'), ms: z.int().min(1) }),
  z.object({ kind: z.literal('size'), bytes: z.int().min(1) }),
]) satisfies z.ZodType<CheckpointEvery>;

const scalePolicy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('thresholds'), lw: z.number().min(0), hw: z.number().positive() }),
  z.object({ kind: z.literal('auto'), busy: z.object({ low: z.number().min(0), high: z.number().max(1) }).optional() }),
]) satisfies z.ZodType<ScalePolicy>;

/** What a job asks for and its plan repeats. */
export const jobAutoscale = z.object({ policy: scalePolicy, dryRun: z.boolean() }) satisfies z.ZodType<JobAutoscale>;

const taskCount = z.int().min(1).max(MAX_TASKS_PER_STAGE);

const stageAutoscale = z.object({
  off: z.literal(true).optional(),
  policy: scalePolicy.optional(),
  min: taskCount.optional(),
  max: taskCount.optional(),
  cooldownMs: z.int().min(0).max(MAX_COOLDOWN_MS).optional(),
}) satisfies z.ZodType<StageAutoscale>;

/** What a stage asks for and its plan repeats. */
export const stageSettings = {
  checkpointEvery: checkpointEvery.optional(),
  release: z.enum(RELEASES).optional(),
  maxRestarts: z.int().min(0).max(MAX_RESTARTS).optional(),
  stallTimeoutMs: z.int().min(0).max(MAX_STALL_MS).optional(),
  onStall: z.enum(STALL_REACTIONS).optional(),
  onPoison: z.enum(POISON_REACTIONS).optional(),
  autoscale: stageAutoscale.optional(),
};

const rateStep = z.object({ fromMs: z.int().min(0), tuplesPerSecond: z.number().min(0) }) satisfies z.ZodType<RateStep>;

/** What a job asks for and its plan repeats. */
export const rate = z.array(rateStep).min(1).max(MAX_RATE_STEPS).refine(isRateSchedule, 'the steps of a rate must begin at 0, follow each other, and end above 0');

const inputFile = z.object({ path: z.string(), bytes: z.int().min(0), inode: z.number(), modifiedMs: z.number() }) satisfies z.ZodType<InputFile>;

const stage = z.object({
  number: z.int().min(1),
  asked: z.int().min(1).optional(),
  first: z.int().min(1).optional(),
  fusedFrom: z.array(z.string()).optional(),
  name: z.string(),
  program,
  tasks: z.int().min(1).max(MAX_TASKS_PER_STAGE),
  generation: z.int().min(1).optional(),
  predecessors: z.int().min(1).max(MAX_TASKS_PER_STAGE).optional(),
  inputFormat: format,
  partitioning,
  outputFormat: format,
  okExit: z.array(z.int().min(0).max(255)),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  contract: z.enum(CONTRACTS),
  contractDeclared: z.boolean(),
  keyedWithin: z.boolean().optional(),
  readsFiles: z.array(inputFile).optional(),
  ...stageSettings,
}) satisfies z.ZodType<StagePlan>;

export const jobPlan = z.object({
  stages: z.array(stage).min(1),
  source: z.object({ format, header: z.boolean(), rate: rate.optional() }),
  sink: z.object({ format, headerRow: z.string().optional() }),
  maxTupleBytes: z.int().min(1),
  locale: z.string(),
  lineBuffered: z.boolean(),
  logTuples: z.enum(['first', 'all', 'off']),
  autoscale: jobAutoscale.optional(),
}) satisfies z.ZodType<JobPlan>;
