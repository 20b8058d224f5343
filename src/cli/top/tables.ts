/** The columns of each table. */
import { taskId } from '../../job/task-id.ts';
import { formatBytes, formatCount, formatDuration } from '../progress.ts';
import type { JobRow, JobView, TaskView, WorkerView } from './state.ts';
import type { Format, TableColumn } from './table.ts';
import type { Sort, SortColumn } from './task-order.ts';

type StageRow = JobView['stages'][number];

interface Load {
  readonly inRate: number;
  readonly outRate: number;
  readonly busyShare: number;
  readonly blockedShare: number;
  readonly backlogBytes: number;
}

/** From here on an operator has no time left to speak of. */
const BUSY_SHARE = 0.9;

/** And from here on the next stage holds it back. */
const BLOCKED_SHARE = 0.5;

/** `999.9k` and the like. */
const RATE_WIDTH = 6;
const BYTES_WIDTH = 8;

const busy = ({ busyShare }: Load): Format | undefined => (busyShare >= BUSY_SHARE ? 'yellow' : undefined);
const blocked = ({ blockedShare }: Load): Format | undefined => (blockedShare >= BLOCKED_SHARE ? 'magenta' : undefined);

function rate(value: number): string {
  return formatCount(value);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** Columns do not move when they are sorted by. */
function withArrow(title: string): number {
  return title.length + 1;
}

function loadColumns(mark: (column: SortColumn, title: string) => string): TableColumn<Load>[] {
  return [
    { title: mark('in', 'IN/s'), text: ({ inRate }) => rate(inRate), align: 'right', rank: 4, minWidth: RATE_WIDTH },
    { title: mark('out', 'OUT/s'), text: ({ outRate }) => rate(outRate), align: 'right', rank: 6, minWidth: RATE_WIDTH },
    { title: mark('busy', 'BUSY'), text: ({ busyShare }) => percent(busyShare), format: busy, align: 'right', rank: 3, minWidth: withArrow('BUSY') },
    { title: mark('blocked', 'BLOCKED'), text: ({ blockedShare }) => percent(blockedShare), format: blocked, align: 'right', rank: 5, minWidth: withArrow('BLOCKED') },
    { title: mark('backlog', 'BACKLOG'), text: ({ backlogBytes }) => formatBytes(backlogBytes), align: 'right', rank: 6, minWidth: BYTES_WIDTH },
  ];
}

export const STAGE_COLUMNS: readonly TableColumn<StageRow>[] = [
  { title: 'STAGE', text: ({ stage }) => String(stage), rank: 1 },
  { title: 'NAME', text: ({ name }) => name, rank: 2, minWidth: 8, leastWidth: 8 },
  { title: 'TASKS', text: ({ tasks }) => String(tasks), align: 'right', rank: 2 },
  ...loadColumns((_, title) => title),
  { title: 'IN', text: ({ inTuples }) => formatCount(inTuples), align: 'right', rank: 8, minWidth: RATE_WIDTH },
  { title: 'OUT', text: ({ outTuples }) => formatCount(outTuples), align: 'right', rank: 9, minWidth: RATE_WIDTH },
];

/** The column by which tasks are sorted has an arrow. */
export function taskColumns(sort: Sort): TableColumn<TaskView>[] {
  const mark = (column: SortColumn, title: string) => (column === sort.column ? `${title}${sort.descending ? '▼' : '▲'}` : title);
  return [
    { title: mark('task', 'TASK'), text: taskId, rank: 1, minWidth: 5 },
    { title: 'NAME', text: ({ name }) => name, rank: 7, minWidth: 8, leastWidth: 8 },
    { title: mark('state', 'STATE'), text: ({ state }) => state, format: stateFormat, rank: 2, minWidth: 8 },
    ...loadColumns(mark),
    { title: mark('worker', 'WORKER'), text: ({ worker }) => (worker === '' ? '-' : worker), rank: 8, minWidth: withArrow('WORKER'), maxWidth: 20, leastWidth: 7 },
    { title: mark('attempt', 'TRY'), text: ({ attempt }) => String(attempt), format: ({ attempt }) => (attempt > 1 ? 'cyan' : undefined), align: 'right', rank: 9, minWidth: 4 },
    { title: 'PID', text: ({ pid }) => (pid === null ? '-' : String(pid)), align: 'right', rank: 11, minWidth: 7 },
    { title: 'SKIPPED', text: ({ skippedTuples }) => String(skippedTuples), format: ({ skippedTuples }) => (skippedTuples > 0 ? 'red' : undefined), align: 'right', rank: 12 },
  ];
}

function stateFormat({ state }: { readonly state: string }): Format | undefined {
  if (state === 'running' || state === 'done') return 'green';
  if (state === 'failed' || state === 'stalled') return 'red';
  return state === 'finished' || state === 'stopped' || state === 'cancelled' ? 'dim' : 'yellow';
}

export function jobColumns(nowMs: number): TableColumn<JobRow>[] {
  return [
    { title: 'JOB', text: ({ job }) => job, rank: 1, leastWidth: 12 },
    { title: 'STATE', text: ({ view }) => view?.state ?? 'no answer', format: ({ view }) => (view === undefined ? 'red' : stateFormat(view)), rank: 2, minWidth: 10 },
    { title: 'AGE', text: ({ view }) => (view === undefined ? '-' : formatDuration(ageOf(view, nowMs))), align: 'right', rank: 3, minWidth: 7 },
    { title: 'READ/s', text: ({ view }) => rate(view?.stages[0]?.outRate ?? 0), align: 'right', rank: 4, minWidth: RATE_WIDTH },
    { title: 'DONE', text: ({ view }) => (view === undefined ? '-' : doneText(view)), align: 'right', rank: 5, minWidth: BYTES_WIDTH },
    { title: 'STAGES', text: ({ view }) => view?.stages.slice(1, -1).map(({ name, tasks }) => (tasks === 1 ? name : `${name}:${tasks}`)).join(', ') ?? '-', rank: 6, maxWidth: 60, leastWidth: 8 },
  ];
}

export const WORKER_COLUMNS: readonly TableColumn<WorkerView>[] = [
  { title: 'WORKER', text: ({ worker }) => worker, rank: 1, maxWidth: 24, leastWidth: 8 },
  { title: 'CPU', text: ({ cpuShare }) => percent(cpuShare), align: 'right', rank: 2, minWidth: 5 },
  { title: 'MEMORY', text: ({ memoryBytes }) => formatBytes(memoryBytes), align: 'right', rank: 3, minWidth: BYTES_WIDTH },
  { title: 'TASKS', text: ({ tasks }) => String(tasks), align: 'right', rank: 4 },
  { title: 'PID', text: ({ pid }) => String(pid), align: 'right', rank: 6, minWidth: 7 },
  { title: 'HOST', text: ({ hostname }) => hostname, rank: 7, maxWidth: 24, leastWidth: 8 },
  { title: 'JOBS', text: ({ jobs, edge }) => (edge ? `${jobs.join(', ')} (stdin or stdout)` : jobs.join(', ')), rank: 5, maxWidth: 60, leastWidth: 8 },
];

export function ageOf({ startedAt, endedAt }: JobView, nowMs: number): number {
  return Math.max(0, (endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** `37 %` of the source, or how much of it where nobody knows how long it is. */
export function doneText({ sourceDoneBytes, sourceTotalBytes }: JobView): string {
  if (sourceTotalBytes === undefined || sourceTotalBytes === 0) return formatBytes(sourceDoneBytes);
  return `${Math.floor(Math.min(1, sourceDoneBytes / sourceTotalBytes) * 100)} %`;
}
