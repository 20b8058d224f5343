/** What users see of jobs, tasks and workers, as the leader's answers say it. Numbers are counts unless named otherwise. */
import { z } from 'zod';
import { CONTRACTS } from '../job/contract.ts';
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
  /** The share of the time that its processor time took; missing where the system does not tell. */
  cpuShare: z.number().min(0).max(1).optional(),
  /** Set on the task that its stage's others wait for, in words: why, as far as that is known. */
  holdsBack: z.string().optional(),
  /** Tuples that it has left out, since its operator dies of them. */
  skippedTuples: z.int().min(0).default(0),
  log: z.string(),
});
export type TaskView = z.infer<typeof taskView>;

/** A worker, as it last said of itself. */
export const workerView = z.object({
  worker: z.string(),
  /** Where its HTTP server answers. */
  url: z.string(),
  hostname: z.string(),
  pid: z.int(),
  /** It is the command that has a job's stdin or stdout, and takes no other tasks. */
  edge: z.boolean(),
  /** Processor time that it and its operators took in the last seconds, in cores. Where the system does not tell of other processes, as on macOS, without the operators. */
  cpuShare: z.number().min(0),
  /** Resident memory of the same processes, what they share counted for each. */
  memoryBytes: z.number().min(0),
  /** Whether operators are in the two figures. */
  operatorsMeasured: z.boolean(),
  tasks: z.int(),
  jobs: z.array(z.string()),
});
export type WorkerView = z.infer<typeof workerView>;

export const killedWorker = z.object({ worker: z.string(), pid: z.int() });

const journalView = z.object({ kept: z.boolean(), why: z.string() });

/** How a job runs, without anything that changes while it does but numbers of tasks. */
export const planView = z.object({
  job: z.string(),
  source: z.string(),
  sink: z.string(),
  /** Of the source, where it can be read only once. */
  sourceJournal: journalView,
  stages: z.array(z.object({
    stage: z.int(),
    name: z.string(),
    tasks: z.int(),
    /** A command line, or operators with their arguments. */
    program: z.string(),
    /** By what its input is partitioned: `line`, or `column 3`. Missing where it is not. */
    key: z.string().optional(),
    contract: z.enum(CONTRACTS),
    /** Who says so: the job, we of our own operators, or nobody. */
    contractBy: z.enum(['declared', 'known', 'assumed']),
    /** The stages that run as this one; empty for one that was not fused. */
    fusedFrom: z.array(z.string()),
    journal: journalView,
    /** Whether its number of tasks can be changed while the job runs, and what is to be said about that. */
    scalable: z.object({ ok: z.boolean(), why: z.string().optional() }),
  })),
  channels: z.array(z.object({
    from: z.int(),
    to: z.int(),
    count: z.int(),
    partition: z.enum(['key', 'round-robin', 'one-to-one', 'single']),
    /** What goes through is no tuples, but where they stand in the source's files. */
    within: z.literal('file').optional(),
  })),
});
export type PlanView = z.infer<typeof planView>;

/** What a stage does with its time: works, waits for room behind it, waits for input that flows, waits for any; or has ended. */
export const VERDICTS = ['busy', 'blocked', 'starved', 'idle', 'ended'] as const;

export const explainView = z.object({
  job: z.string(),
  /** What limits the job, in words. */
  sentence: z.string(),
  /** The figures that it follows from, a line each. */
  evidence: z.array(z.string()),
  /** The stage that limits it, if one does. */
  bottleneck: z.int().optional(),
  stages: z.array(z.object({
    stage: z.int(), name: z.string(), tasks: z.int(), verdict: z.enum(VERDICTS), busyShare: z.number(), blockedShare: z.number(),
  })),
});
export type ExplainView = z.infer<typeof explainView>;

/** Something that happened to a job at a moment. */
export const mark = z.object({
  /** Since the Unix epoch, in milliseconds. */
  atMs: z.number(),
  kind: z.enum(['restart', 'kill', 'worker', 'scale', 'state', 'advice']),
  stage: z.int().optional(),
  index: z.int().optional(),
  worker: z.string().optional(),
  /** In words. */
  text: z.string(),
});
export type Mark = z.infer<typeof mark>;

export const historyView = z.object({
  /** What one point stands for. */
  stepMs: z.number(),
  points: z.array(z.object({
    /** When its step began, since the Unix epoch. */
    atMs: z.number(),
    stages: z.array(z.object({
      stage: z.int(), tasks: z.int(), inRate: z.number(), outRate: z.number(), busyShare: z.number(), blockedShare: z.number(), backlogBytes: z.number(),
    })),
  })),
  /** The oldest first. */
  marks: z.array(mark),
  /** How many older ones were not kept. */
  lostMarks: z.int().default(0),
});
export type HistoryView = z.infer<typeof historyView>;

/** A job among others. */
export const jobSummary = jobView.pick({ job: true, state: true, startedAt: true, endedAt: true, dest: true, skippedTuples: true }).extend({
  stages: z.array(z.object({ stage: z.int(), name: z.string(), tasks: z.int() })),
  /** Tuples a second that the source gives. */
  inRate: z.number(),
});
export type JobSummary = z.infer<typeof jobSummary>;
