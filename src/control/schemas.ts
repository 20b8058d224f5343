/** What leader, workers and commands say to each other, checked on both sides. Numbers are counts unless named otherwise. */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../base/errors.ts';
import { CONTRACTS } from '../job/contract.ts';
import type { JobSpec, KeySpec, ProgramSpec, StageSpec } from '../job/stage-spec.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { jobAutoscale, jobPlan, rate, stageSettings } from './plan-schema.ts';

// A process checks some dozens of small messages; compiling the checks first would take longer than all of them.
z.config({ jitless: true });

const errorCode = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);
const address = z.object({ host: z.string(), port: z.int().min(0).max(65535) });
const format = z.enum(['csv', 'lines']);

/** The body of every answer that is no success. */
export const failureBody = z.object({ code: errorCode, message: z.string(), hint: z.string().optional() });

export const workerInfo = z.object({
  worker: z.string(),
  /** Where its HTTP server answers. */
  url: z.string(),
  /** Where other workers connect for tuples. */
  data: address,
  pid: z.int(),
  startTime: z.string().optional(),
  hostname: z.string(),
  /** Set for the command that has the user's stdin and stdout: it hosts sources and sinks only, of that job alone. */
  edgeOfJob: z.string().optional(),
});
export type WorkerInfo = z.infer<typeof workerInfo>;

/** Why a task, and with it the job, failed. */
export const taskFailure = failureBody.extend({ stderr: z.array(z.string()) });

export const taskStatus = z.object({
  stage: z.int(),
  index: z.int(),
  generation: z.int(),
  attempt: z.int(),
  state: z.enum(['starting', 'running', 'draining', 'finished', 'failed', 'stopped']),
  groups: z.array(z.object({ pid: z.int(), startTime: z.string().optional() })),
  inTuples: z.int(),
  outTuples: z.int(),
  outGeneration: z.int().optional(),
  switching: z.boolean().optional(),
  frozen: z.boolean().optional(),
  stalled: z.boolean().optional(),
  skippedTuples: z.int().min(0).optional(),
  hotKeys: z.array(z.object({ key: z.string(), share: z.number() })).readonly().optional(),
  load: z.object({
    upMs: z.number().min(0), workingMs: z.number().min(0), blockedMs: z.number().min(0), cpuMs: z.number().min(0).optional(), backlogBytes: z.number().min(0),
  }).optional(),
  sourceDoneBytes: z.number().optional(),
  sourceTotalBytes: z.number().optional(),
  failure: taskFailure.optional(),
}) satisfies z.ZodType<TaskStatus>;

export const workerReport = z.object({
  jobs: z.array(z.object({
    job: z.string(),
    /** Of the deployment that the worker has brought about: what it says of an older one is no news. */
    version: z.int(),
    tasks: z.array(taskStatus),
    /** Set when channels between workers could not be kept up. */
    failure: failureBody.optional(),
  })),
  /** What the worker and its operators take of the machine (views.ts, `workerView`). */
  usage: z.object({ cpuShare: z.number().min(0), memoryBytes: z.number().min(0), operatorsMeasured: z.boolean() }).optional(),
});
export type WorkerReport = z.infer<typeof workerReport>;

const keySpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line') }),
  z.object({ kind: z.literal('column'), column: z.int().min(1) }),
  z.object({ kind: z.literal('header'), name: z.string() }),
]) satisfies z.ZodType<KeySpec>;

const programSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('operator'), operator: z.string(), argument: z.string().optional() }),
  z.object({ kind: z.literal('command'), commandLine: z.string() }),
  z.object({ kind: z.literal('argv'), argv: z.array(z.string()).min(1) }),
]) satisfies z.ZodType<ProgramSpec>;

const stageSpec = z.object({
  name: z.string(),
  program: programSpec,
  key: keySpec.optional(),
  tasks: z.int().min(1),
  okExit: z.array(z.int()),
  env: z.record(z.string(), z.string()),
  cwd: z.string().optional(),
  contract: z.enum(CONTRACTS).optional(),
  ...stageSettings,
}) satisfies z.ZodType<StageSpec>;

const jobSpec = z.object({
  stages: z.array(stageSpec),
  sources: z.array(z.string()),
  dest: z.string(),
  format: format.optional(),
  header: z.boolean(),
  outputHeader: z.boolean(),
  overwrite: z.boolean(),
  rate: rate.optional(),
  maxTupleBytes: z.int().min(1),
  locale: z.string(),
  lineBuffered: z.boolean(),
  fuse: z.boolean(),
  logTuples: z.enum(['first', 'all', 'off']),
  autoscale: jobAutoscale.optional(),
  delivery: z.enum(['exactly-once', 'best-effort']),
  durability: z.enum(['process', 'host']),
  store: z.string().optional(),
  storeLimitBytes: z.int().min(1),
  cwd: z.string(),
}) satisfies z.ZodType<JobSpec>;

/** A job as a command hands it to the leader. */
export const submission = z.object({
  job: z.string(),
  spec: jobSpec,
  /** The first record of stdin, where that is the source: only the submitting command can read it. Base64, since it may hold any bytes. */
  stdinFirstRecord: z.string().optional(),
  /** The submitting command itself, where it has the job's stdin or stdout. */
  edgeWorker: workerInfo.optional(),
  /** How many workers to wait for before placing tasks. */
  workers: z.int().min(1),
});
export type Submission = z.infer<typeof submission>;

const fileEntry = z.object({ path: z.string(), bytes: z.number(), gzip: z.boolean(), stream: z.literal(true).optional() });

const sourceDescription = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('files'), files: z.array(fileEntry) }),
  z.object({ kind: z.literal('stdin') }),
]);

const sinkDescription = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stdout') }),
  z.object({ kind: z.literal('file'), path: z.string() }),
  z.object({ kind: z.literal('device'), path: z.string() }),
  z.object({ kind: z.literal('folder'), path: z.string() }),
]);

/** A job and where its tasks live, as every one of its workers gets it: whole, and again whenever a task has moved. */
export const deployment = z.object({
  job: z.string(),
  /** Of the leader, from 1: greater for each that takes the job over. An older leader is not listened to. */
  term: z.int().min(1),
  /** From 1; of two, the greater is the newer. */
  version: z.int().min(1),
  /** Known to the job's workers only; proves on a connection that the other side is one. */
  secret: z.string(),
  plan: jobPlan,
  source: sourceDescription,
  sink: sinkDescription,
  workers: z.array(z.object({ worker: z.string(), data: address, edge: z.boolean() })),
  /** What one channel may have under way, in bytes; the same for all of the job, so that producers know how large a frame may usefully be. */
  windowBytes: z.int().min(1),
  /** Folder of the tuples that tasks leave out. Where there is a journal, workers see the leader's disk. */
  deadLetters: z.string(),
  /**
   * `attempt` of the task, from 1; greater after each worker that hosted it and is gone. A task that had finished, and whose
   * neighbours before it had, is missing when its worker is gone: nobody needs it any more.
   */
  placement: z.array(z.object({ stage: z.int(), index: z.int(), worker: z.string(), attempt: z.int().min(1) })),
  /** The stage whose tasks are being superseded, and how many tasks its next generation has. */
  rescaling: z.object({ stage: z.int().min(1), tasks: z.int().min(1), freezing: z.boolean().optional() }).optional(),
  /** Where journals are kept; missing where nothing is to survive a crash. `identity`: what whoever sees the same store reads there. */
  store: z.object({ folder: z.string(), identity: z.string(), durability: z.enum(['process', 'host']), limitBytes: z.int().min(1) }).optional(),
});
export type Deployment = z.infer<typeof deployment>;

/** How a job ended. */
export const jobEnd = z.object({ state: z.enum(['done', 'failed', 'cancelled']), failure: taskFailure.optional() });
