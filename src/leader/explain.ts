/**
 * What limits a job, in one sentence with the figures that it follows from: a pure function of what was measured.
 *
 * EX1 A stage that is blocked most of the time is kept by what is behind it, so the limit is behind the last such stage.
 * EX2 Among those behind it, the limit is the stage with a task that could not do more; of several, the one that waits least for
 *     those behind it, and then the first.
 * EX3 Where no operator is at its limit and none is blocked, the source is the limit: its rate, or what it reads.
 */
import type { ExplainView, JobState, VERDICTS } from '../control/views.ts';
import type { TaskState } from '../job/task-status.ts';
import { taskId } from '../job/task-id.ts';
import { describeStraggler, type Straggler } from './stragglers.ts';
import type { TaskRate } from './rates.ts';

interface ExplainedTask extends TaskRate {
  readonly index: number;
  readonly state: TaskState | 'stalled';
}

export interface ExplainedStage {
  readonly stage: number;
  readonly name: string;
  /** What it does its work with: only of an operator it is measured how busy it is. */
  readonly kind: 'source' | 'operator' | 'sink';
  readonly tasks: readonly ExplainedTask[];
  /** The means of its shares over the life of the job, where that has ended. */
  readonly life?: { readonly busyShare: number; readonly blockedShare: number } | undefined;
}

export interface ExplainedJob {
  readonly job: string;
  readonly state: JobState;
  /** In their order: the source first, the sink last. */
  readonly stages: readonly ExplainedStage[];
  readonly stragglers: readonly Straggler[];
  readonly rescaling?: { readonly stage: number; readonly tasks: number } | undefined;
  /** What the source is to give now, in tuples per second; undefined: all it can. */
  readonly wantedRate?: number | undefined;
  /** Since its start, in milliseconds; undefined: long ago. */
  readonly ageMs?: number | undefined;
}

type Verdict = (typeof VERDICTS)[number];

interface Limit {
  readonly sentence: string;
  /** The stage that limits the job. */
  readonly stage?: number | undefined;
}

/** From here on a task has no time left for more, as far as can be measured. */
const FULL_SHARE = 0.8;

/** Of the time: a stage that is blocked for longer is kept by others, not by itself. */
const BLOCKED_SHARE = 0.5;

/** Shares that differ by less are the same: they are measured over three seconds. */
const SAME_SHARE = 0.05;

/** Blocked for less is worth no word. */
const TOLD_SHARE = 0.1;

/** An operator that is busy and takes less processor time than this waits for something else most of the time. */
const OWN_WORK_SHARE = 0.5;

/** Rates are those of the last three seconds, and reports come each second. */
const FIRST_RATES_MS = 4_000;

/** A source that gives so much of what it is to give is kept by nobody. */
const KEPT_RATE = 0.9;

const ENDED: ReadonlySet<JobState> = new Set(['done', 'failed', 'cancelled']);

export function explainJob(job: ExplainedJob): ExplainView {
  const limit = limitOf(job);
  return {
    job: job.job,
    sentence: limit.sentence,
    evidence: evidenceOf(job),
    ...(limit.stage === undefined ? {} : { bottleneck: limit.stage }),
    stages: job.stages.map((stage) => ({
      stage: stage.stage, name: stage.name, tasks: stage.tasks.length, verdict: verdictOf(stage, job, limit),
      busyShare: thousandths(stage.life?.busyShare ?? busyOf(stage)), blockedShare: thousandths(stage.life?.blockedShare ?? blockedOf(stage)),
    })),
  };
}

function limitOf(job: ExplainedJob): Limit {
  return notRunning(job) ?? behindBlocked(job) ?? sourceLimit(job);
}

/** Undefined where all is up and measured. */
function notRunning({ state, stages, rescaling }: ExplainedJob): Limit | undefined {
  if (ENDED.has(state)) return { sentence: `the job has ended: ${state}${busiestInLife(stages)}` };
  if (state === 'waiting') return { sentence: 'the job waits for its workers' };
  if (state === 'publishing') return { sentence: 'every task has finished, and the result is being published' };
  const stalled = tasksIn(stages, 'stalled')[0];
  if (stalled !== undefined) return { sentence: `task ${stalled.id} stands still: its operator has something to do and does nothing`, stage: stalled.stage };
  const starting = tasksIn(stages, 'starting');
  if (starting.length > 0) return { sentence: `the job is starting: ${starting.length === 1 ? `task ${starting[0]?.id} is` : `${starting.length} tasks are`} not up yet` };
  if (rescaling !== undefined) return { sentence: `stage ${rescaling.stage} is being given ${tasksOf(rescaling.tasks)}, and nothing is measured of it meanwhile` };
  return undefined;
}

/** EX1, EX2 */
function behindBlocked(job: ExplainedJob): Limit | undefined {
  const active = job.stages.filter(({ kind, tasks }) => kind !== 'sink' && !isOver(tasks));
  const lastBlocked = active.findLastIndex((stage) => blockedOf(stage) >= BLOCKED_SHARE);
  const candidates = active.slice(lastBlocked + 1).filter((stage) => stage.kind === 'operator' && fullnessOf(stage, job) >= FULL_SHARE);
  const most = Math.max(...candidates.map((stage) => fullnessOf(stage, job)));
  const [full] = candidates.filter((stage) => fullnessOf(stage, job) >= most - SAME_SHARE).toSorted((a, b) => blockedOf(a) - blockedOf(b) || a.stage - b.stage);
  if (full !== undefined) return { sentence: `${describeFull(full, job)}${blockedBefore(full, job)}`, stage: full.stage };
  const blocked = active[lastBlocked];
  if (blocked === undefined) return undefined;
  const behind = job.stages[job.stages.indexOf(blocked) + 1];
  const kept = blockedText(blocked);
  if (behind === undefined || behind.kind === 'sink') return { sentence: `the sink is the limit: ${kept}, since what takes its output has no room`, stage: behind?.stage };
  return { sentence: `${title(behind)} is the limit: ${kept}, though its operator is busy only ${percent(busyOf(behind))} of it`, stage: behind.stage };
}

/** EX3 */
function sourceLimit({ stages, wantedRate, ageMs = Infinity }: ExplainedJob): Limit {
  const [source] = stages;
  if (source === undefined || isOver(source.tasks)) return { sentence: 'the source has been read to its end, and what is left is being worked off' };
  const rate = sumOf(source, ({ outRate }) => outRate);
  const busiest = stages.filter(({ kind }) => kind === 'operator').toSorted((a, b) => busyOf(b) - busyOf(a))[0];
  const room = busiest === undefined ? '' : `; the busiest stage is ${busiest.stage} (${busiest.name}), ${percent(busyOf(busiest))} of the time`;
  if (wantedRate !== undefined && rate >= wantedRate * KEPT_RATE) return { sentence: `the source is limited by its rate of ${wantedRate} tuples a second${room}`, stage: source.stage };
  if (rate === 0 && ageMs < FIRST_RATES_MS) return { sentence: 'it is too early to say what limits the job: nothing has been measured yet' };
  if (rate === 0) return { sentence: 'nothing limits the job: it waits for input, and none has come in the last seconds' };
  return { sentence: `the source is the limit: it gives ${Math.round(rate)} tuples a second, and nobody keeps it from giving more${room}`, stage: source.stage };
}

function describeFull(stage: ExplainedStage, { stragglers }: ExplainedJob): string {
  const straggler = stragglers.find((one) => one.stage === stage.stage);
  if (straggler !== undefined) return describeStraggler(straggler);
  const full = stage.tasks.filter(({ busyShare }) => busyShare >= FULL_SHARE);
  const where = `in ${full.length} of ${tasksOf(stage.tasks.length)}`;
  const busy = full.reduce((sum, { busyShare }) => sum + busyShare, 0) / full.length;
  const known = full.flatMap(({ cpuShare }) => cpuShare ?? []);
  const cpu = known.reduce((sum, share) => sum + share, 0) / known.length;
  const limited = `${title(stage)} is limited by its operator:`;
  if (known.length === 0) return `${limited} busy ${percent(busy)} of the time ${where}`;
  if (cpu >= OWN_WORK_SHARE) return `${limited} ${percent(cpu)} CPU ${where}`;
  return `${limited} busy ${percent(busy)} of the time ${where}, with ${percent(cpu)} CPU, so it waits for something else, or for a processor`;
}

function blockedText(stage: ExplainedStage): string {
  return `${stage.kind === 'source' ? 'the source' : `stage ${stage.stage}`} is blocked ${percent(blockedOf(stage))} of the time`;
}

/** What that does to the stages before it. */
function blockedBefore(stage: ExplainedStage, { stages }: ExplainedJob): string {
  const before = stages[stages.indexOf(stage) - 1];
  return before === undefined || blockedOf(before) < TOLD_SHARE ? '' : `; ${blockedText(before)}`;
}

function busiestInLife(stages: readonly ExplainedStage[]): string {
  const [busiest] = stages.filter(({ kind, life }) => kind === 'operator' && life !== undefined).toSorted((a, b) => (b.life?.busyShare ?? 0) - (a.life?.busyShare ?? 0));
  return busiest?.life === undefined ? '' : `; while it ran, ${title(busiest)} was the busiest, ${percent(busiest.life.busyShare)} of the time`;
}

function verdictOf(stage: ExplainedStage, { state, stages }: ExplainedJob, limit: Limit): Verdict {
  if (ENDED.has(state) || isOver(stage.tasks)) return 'ended';
  if (stage.stage === limit.stage) return 'busy';
  const flows = sumOf(stage, ({ inRate, outRate }) => inRate + outRate) > 0;
  if (stage.kind === 'source') return blockedOf(stage) >= BLOCKED_SHARE || (limit.stage ?? 0) !== stages[0]?.stage ? 'blocked' : flows ? 'busy' : 'idle';
  const waiting = 1 - busyOf(stage) - blockedOf(stage);
  if (stage.kind === 'operator' && busyOf(stage) >= Math.max(blockedOf(stage), waiting)) return 'busy';
  if (stage.kind === 'operator' && blockedOf(stage) >= waiting) return 'blocked';
  return flows ? 'starved' : 'idle';
}

function evidenceOf({ stages, stragglers, wantedRate }: ExplainedJob): string[] {
  return [...stages.map((stage) => evidenceOfStage(stage, wantedRate)), ...stragglers.map(describeStraggler)];
}

function evidenceOfStage(stage: ExplainedStage, wantedRate: number | undefined): string {
  const [inRate, outRate, backlog] = [sumOf(stage, (task) => task.inRate), sumOf(stage, (task) => task.outRate), sumOf(stage, (task) => task.backlogBytes)].map(Math.round);
  const head = `stage ${stage.stage} (${stage.name}), ${tasksOf(stage.tasks.length)}:`;
  if (stage.life !== undefined) return stage.kind === 'operator' ? `${head} while it ran, busy ${percent(stage.life.busyShare)}, blocked ${percent(stage.life.blockedShare)}` : head.slice(0, -1);
  if (stage.kind === 'source') return `${head} gives ${outRate}/s${wantedRate === undefined ? '' : ` of ${wantedRate}/s asked for`}, blocked ${percent(blockedOf(stage))}`;
  if (stage.kind === 'sink') return `${head} takes ${inRate}/s`;
  const known = stage.tasks.flatMap(({ cpuShare }) => cpuShare ?? []);
  const cpu = known.length === 0 ? '' : `, ${percent(known.reduce((sum, share) => sum + share, 0) / known.length)} CPU`;
  return `${head} busy ${percent(busyOf(stage))}, blocked ${percent(blockedOf(stage))}${cpu}; in ${inRate}/s, out ${outRate}/s, ${backlog} bytes wait before it`;
}

function tasksIn(stages: readonly ExplainedStage[], state: ExplainedTask['state']): { readonly stage: number; readonly id: string }[] {
  return stages.flatMap(({ stage, tasks }) => tasks.filter((task) => task.state === state).map(({ index }) => ({ stage, id: taskId({ stage, index }) })));
}

/** How near the fullest of its tasks that count is to having no time left: all of them together, or the one that the others wait for. */
function fullnessOf(stage: ExplainedStage, { stragglers }: ExplainedJob): number {
  return Math.max(busyOf(stage), stragglers.find((one) => one.stage === stage.stage)?.busyShare ?? 0);
}

function isOver(tasks: readonly ExplainedTask[]): boolean {
  return tasks.every(({ state }) => state === 'finished');
}

function busyOf(stage: ExplainedStage): number {
  return meanOf(stage, ({ busyShare }) => busyShare);
}

function blockedOf(stage: ExplainedStage): number {
  return meanOf(stage, ({ blockedShare }) => blockedShare);
}

function meanOf(stage: ExplainedStage, value: (task: ExplainedTask) => number): number {
  return stage.tasks.length === 0 ? 0 : sumOf(stage, value) / stage.tasks.length;
}

function sumOf({ tasks }: ExplainedStage, value: (task: ExplainedTask) => number): number {
  return tasks.reduce((sum, task) => sum + value(task), 0);
}

function title({ stage, name }: ExplainedStage): string {
  return `stage ${stage} (${name})`;
}

function tasksOf(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

function thousandths(share: number): number {
  return Math.round(share * 1000) / 1000;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
