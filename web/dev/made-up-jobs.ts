/** Jobs that are hard to bring about: a thousand tasks, every condition at once, long names, a failure with much to say. */
import type { ExplainView, HistoryView, Mark, JobState, JobSummary, JobView, PlanView, TaskView, WorkerView } from '../src/api/types.ts';

interface MadeStage {
  readonly name: string;
  readonly program: string;
  readonly tasks: number;
  readonly key?: string;
  /** Tuples a second into the whole stage, and how many of them come out. */
  readonly rate: number;
  readonly passes: number;
  readonly busy: number;
  readonly blocked: number;
}

export interface MadeJob {
  readonly job: string;
  readonly state: JobState;
  readonly stages: readonly MadeStage[];
  readonly startedMs: number;
  readonly endedMs?: number;
  readonly dest: string;
  readonly notes?: readonly string[];
  readonly remarks?: readonly string[];
  readonly skippedTuples?: number;
  readonly failure?: JobView['failure'];
  readonly sentence: string;
  readonly bottleneck?: number;
  readonly marks: readonly Mark[];
  /** States of tasks that differ from their stage's, by task. */
  readonly odd?: Readonly<Record<string, string>>;
}

/** The same wave for the same moment and place, so that a picture can be taken twice. */
function wave(atMs: number, seed: number): number {
  return 1 + 0.08 * Math.sin(atMs / 7_000 + seed) + 0.05 * Math.sin(atMs / 1_900 + seed * 3);
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}

export function viewOf(job: MadeJob, atMs: number): JobView {
  const upTo = Math.min(atMs, job.endedMs ?? Infinity);
  const seconds = (upTo - job.startedMs) / 1000;
  const isOver = job.endedMs !== undefined;
  return {
    job: job.job, state: job.state, startedAt: new Date(job.startedMs).toISOString(),
    ...(job.endedMs === undefined ? {} : { endedAt: new Date(job.endedMs).toISOString() }),
    dest: job.dest, logs: `.rainstorm/jobs/${job.job}/logs`, skippedTuples: job.skippedTuples ?? 0, deadLetters: `.rainstorm/jobs/${job.job}/deadletter`,
    stages: job.stages.map((stage, index) => ({
      stage: index, name: stage.name, tasks: stage.tasks,
      inTuples: index === 0 ? 0 : Math.round(stage.rate * seconds), outTuples: Math.round(stage.rate * stage.passes * seconds),
      ...(isOver ? { inRate: 0, outRate: 0, busyShare: 0, blockedShare: 0, backlogBytes: 0 } : ratesOf(stage, index, upTo)),
    })),
    sourceDoneBytes: Math.round(seconds * 9_400_000), sourceTotalBytes: 8_400_000_000,
    notes: [...job.notes ?? []], remarks: [...job.remarks ?? []], scaleAdvice: [], scaled: [],
    ...(job.failure === undefined ? {} : { failure: job.failure }),
  };
}

function ratesOf(stage: MadeStage, index: number, atMs: number) {
  const inRate = index === 0 ? 0 : stage.rate * wave(atMs, index);
  return {
    inRate, outRate: stage.rate * stage.passes * wave(atMs, index + 0.3),
    busyShare: clamped(stage.busy * wave(atMs, index)), blockedShare: clamped(stage.blocked * wave(atMs, index + 2)),
    backlogBytes: Math.round(stage.busy > 0.9 ? 38_000_000 * wave(atMs, 4) : 90_000 * stage.busy),
  };
}

export function tasksOf(job: MadeJob, atMs: number): TaskView[] {
  const isOver = job.endedMs !== undefined;
  return job.stages.flatMap((stage, number) => Array.from({ length: stage.tasks }, (_, index) => {
    const spread = 0.6 + 0.8 * (((index * 7919) % 97) / 97);
    const share = ratesOf(stage, number, atMs + index * 911);
    const id = `${number}-${index}`;
    return {
      job: job.job, stage: number, index, name: stage.name, pid: 40_000 + number * 300 + index, pids: [40_000 + number * 300 + index],
      worker: `w${1 + ((index + number) % 3)}`, state: job.odd?.[id] ?? (isOver ? 'finished' : 'running'), attempt: 1 + Number(index % 11 === 3),
      inRate: isOver ? 0 : (share.inRate / stage.tasks) * spread, outRate: isOver ? 0 : (share.outRate / stage.tasks) * spread,
      busyShare: isOver ? 0 : clamped(share.busyShare * spread), blockedShare: isOver ? 0 : clamped(share.blockedShare * spread),
      backlogBytes: isOver ? 0 : Math.round(share.backlogBytes / stage.tasks), skippedTuples: 0, log: `.rainstorm/jobs/${job.job}/logs/${id}.log`,
    };
  }));
}

export function planOf(job: MadeJob): PlanView {
  const journal = { kept: true, why: 'its input comes by key from several tasks, whose order is written down' };
  return {
    job: job.job, source: 'files: trips-2026.csv (8.4 GB)', sink: `file ${job.dest}`, sourceJournal: { kept: false, why: 'its files can be read again' },
    stages: job.stages.slice(1, -1).map((stage, index) => ({
      stage: index + 1, name: stage.name, tasks: stage.tasks, program: stage.program, ...(stage.key === undefined ? {} : { key: stage.key }),
      contract: stage.key === undefined ? 'replay' : 'snapshot', contractBy: stage.key === undefined ? 'assumed' : 'known', fusedFrom: stage.name.includes(' | ') ? stage.name.split(' | ') : [],
      journal: stage.key === undefined ? { kept: false, why: 'it reads the source alone, which can be read again' } : journal,
      scalable: index === 0 ? { ok: false, why: 'tasks of the contract replay that have put something out cannot hand over' } : { ok: true },
    })),
    channels: job.stages.slice(1).map((stage, index) => ({
      from: index, to: index + 1, count: stage.tasks * (job.stages[index]?.tasks ?? 1),
      partition: stage.tasks === 1 ? 'single' : (stage.key === undefined ? 'round-robin' : 'key'), ...(index === 0 ? { within: 'file' as const } : {}),
    })),
  };
}

export function explanationOf(job: MadeJob): ExplainView {
  return {
    job: job.job, sentence: job.sentence, ...(job.bottleneck === undefined ? {} : { bottleneck: job.bottleneck }),
    evidence: job.bottleneck === undefined ? [] : [`stage ${job.bottleneck}: 98 % CPU in ${job.stages[job.bottleneck]?.tasks} of ${job.stages[job.bottleneck]?.tasks} tasks`, `stage ${job.bottleneck - 1}: blocked 71 % of the time`],
    stages: job.stages.slice(1, -1).map((stage, index) => ({ stage: index + 1, name: stage.name, tasks: stage.tasks, verdict: stage.busy > 0.7 ? 'busy' : (stage.blocked > 0.5 ? 'blocked' : 'starved'), busyShare: stage.busy, blockedShare: stage.blocked })),
  };
}

export function historyOf(job: MadeJob, atMs: number): HistoryView {
  const endMs = Math.min(atMs, job.endedMs ?? Infinity);
  const stepMs = 2_000;
  const count = Math.min(600, Math.floor((endMs - job.startedMs) / stepMs));
  const points = Array.from({ length: count }, (_, index) => {
    const pointMs = endMs - (count - index) * stepMs;
    // A start, and a dip after each restart.
    const dip = job.marks.reduce((factor, mark) => (mark.kind === 'restart' && pointMs >= mark.atMs && pointMs < mark.atMs + 8_000 ? 0.45 : factor), Math.min(1, (pointMs - job.startedMs) / 20_000));
    return { atMs: pointMs, stages: job.stages.map((stage, number) => {
      const rates = ratesOf(stage, number, pointMs);
      return { stage: number, tasks: stage.tasks, ...rates, inRate: rates.inRate * dip, outRate: rates.outRate * dip };
    }) };
  });
  return { stepMs, points, marks: [...job.marks], lostMarks: 0 };
}

export function summaryOf(job: MadeJob, atMs: number): JobSummary {
  const view = viewOf(job, atMs);
  return {
    job: view.job, state: view.state, startedAt: view.startedAt, ...(view.endedAt === undefined ? {} : { endedAt: view.endedAt }), dest: view.dest,
    skippedTuples: view.skippedTuples, stages: view.stages.map(({ stage, name, tasks }) => ({ stage, name, tasks })), inRate: view.stages[0]?.outRate ?? 0,
  };
}

export function madeWorkers(jobs: readonly MadeJob[], atMs: number): WorkerView[] {
  const live = jobs.filter(({ endedMs }) => endedMs === undefined).map(({ job }) => job);
  return ['w1', 'w2', 'w3', 'run-8841'].map((worker, index) => ({
    worker, url: `http://10.0.0.${index + 4}:7071`, hostname: `node-${index + 1}.example`, pid: 2_200 + index, edge: index === 3, operatorsMeasured: true,
    cpuShare: index === 3 ? 0.02 : 3.4 * wave(atMs, index), memoryBytes: Math.round((index === 3 ? 61_000_000 : 480_000_000) * wave(atMs, index)), tasks: index === 3 ? 1 : 12 + index, jobs: index === 3 ? live.slice(0, 1) : live,
  }));
}
