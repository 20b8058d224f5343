/** What users see of jobs, tasks and workers, as the leader's answers say it. Numbers are counts unless named otherwise. */
import { z } from 'zod';
import { taskFailure } from './schemas.ts';

const jobState = z.enum(['waiting', 'running', 'publishing', 'done', 'failed', 'cancelled']);
export type JobState = z.infer<typeof jobState>;

/** Of a task, or of a stage: the means of its tasks' shares and the sum of what lies before them. Shares are 0 to 1. */
const stageLoad = {
  /** In which operators worked. */
  busyShare: z.number().min(0).max(1).default(0),
  /** In which consumers had no room for what they put out. */
  blockedShare: z.number().min(0).max(1).default(0),
  /** Input that operators were not given yet, in bytes. */
  backlogBytes: z.number().min(0).default(0),
};

/** A change in the number of a stage's tasks, as it was decided, and what became of it. */
export const scaleRecord = z.object({
  /** Of the job's changes, from 1. */
  number: z.int().min(1),
  /** When it was decided. */
  at: z.string(),
  stage: z.int(),
  from: z.int(),
  to: z.int(),
  /** The figures it follows from, or who asked for it. */
  reason: z.string(),
  outcome: z.enum(['begun', 'done', 'refused']),
  /** Where it was refused. */
  why: z.string().optional(),
});
export type ScaleRecord = z.infer<typeof scaleRecord>;

export const scaleReply = z.object({
  job: z.string(),
  /** As `tasks` shows it. */
  stage: z.int(),
  name: z.string(),
  /** Tasks before, and now. */
  from: z.int(),
  to: z.int(),
});
export type ScaleReply = z.infer<typeof scaleReply>;

export const jobView = z.object({
  job: z.string(),
  state: jobState,
  startedAt: z.string(),
  endedAt: z.string().optional(),
  dest: z.string(),
  logs: z.string(),
  /** Tuples that tasks have left out, and the folder where those are. */
  skippedTuples: z.int().min(0).default(0),
  deadLetters: z.string().default(''),
  stages: z.array(z.object({
    stage: z.int(),
    name: z.string(),
    tasks: z.int(),
    inTuples: z.int(),
    outTuples: z.int(),
    inRate: z.number(),
    outRate: z.number(),
    ...stageLoad,
  })),
  sourceDoneBytes: z.number(),
  sourceTotalBytes: z.number().optional(),
  /** For the user, each once: what may make the result another than was meant. */
  notes: z.array(z.string()),
  /** What is good to know. */
  remarks: z.array(z.string()).default([]),
  /** How many tasks stages should have and were not given, in words, where that was asked for; the last word on each. */
  scaleAdvice: z.array(z.string()).default([]),
  /** The last changes in the numbers of tasks, the oldest first. */
  scaled: z.array(scaleRecord).default([]),
  failure: taskFailure.optional(),
});
export type JobView = z.infer<typeof jobView>;

export const taskView = z.object({
  job: z.string(),
  /** 1-based; 0 is the source, the highest the sink. */
  stage: z.int(),
  name: z.string(),
  index: z.int(),
  /** Of the operator's first process. */
  pid: z.int().nullable(),
  /** Of all its processes, in the order of a chain. */
  pids: z.array(z.int()).default([]),
  worker: z.string(),
  /** A `TaskState`, or `stalled`: it runs, but its operator stands still. */
  state: z.string(),
  attempt: z.int(),
  inRate: z.number(),
  outRate: z.number(),
  ...stageLoad,
  /** Set on the task that its stage's others wait for, in words: why, as far as that is known. */
  holdsBack: z.string().optional(),
  /** Tuples that it has left out, since its operator dies of them. */
  skippedTuples: z.int().min(0).default(0),
  log: z.string(),
});
export type TaskView = z.infer<typeof taskView>;
