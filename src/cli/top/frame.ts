/** The screen as lines: a function of the state alone. Each line is at most as wide as the terminal, and there are at most its rows. */
import { cut, firstLines, fit, visible, widthOf } from '../cells.ts';
import { jobHead } from './job-head.ts';
import { LOG_FRAME_ROWS } from './log-keys.ts';
import { isEnded, listedTasks, selectedStage, selectedTask, type Prompt, type State } from './state.ts';
import { firstShown, tableLines, type Style } from './table.ts';
import { jobColumns, STAGE_COLUMNS, taskColumns, WORKER_COLUMNS } from './tables.ts';
import { taskId } from '../../job/task-id.ts';

/** With less there is nothing that could be read. */
const MIN_ROWS = 5;
const MIN_COLUMNS = 24;

/** Where there is less, stages are left out: the tasks say more. */
const ROWS_FOR_STAGES = 18;

/** A refusal says why, which may take a sentence or two. */
const MAX_MESSAGE_ROWS = 4;

/** Of the rows between head and foot, what stages may take. */
const STAGES_SHARE = 0.4;

export function frame(state: State, nowMs: number, style: Style): string[] {
  const { rows, columns } = state;
  if (rows < MIN_ROWS || columns < MIN_COLUMNS) return [cut('rainstorm top: too small', columns)].slice(0, rows);
  const [head, body] = parts(state, nowMs, style);
  const below = foot(state, style);
  const room = Math.max(0, rows - head.length - below.length);
  const filled = body(room).slice(0, room);
  const empty = Array.from({ length: room - filled.length }, () => '');
  return [...head, ...filled, ...empty, ...below].slice(-rows);
}

type Parts = readonly [head: readonly string[], body: (room: number) => string[]];

function parts(state: State, nowMs: number, style: Style): Parts {
  const { columns, screen } = state;
  if (screen === 'jobs') return [[titleLine('rainstorm top', 'live jobs', columns, style)], (room) => jobsBody(state, nowMs, room, style)];
  if (screen === 'workers') return [[titleLine('rainstorm top', 'workers', columns, style)], (room) => workersBody(state, room, style)];
  if (screen === 'log') return [[titleLine(`log of task ${state.log?.task ?? ''}`, logPlace(state), columns, style)], () => logBody(state)];
  return [jobHead(state, nowMs, style), (room) => jobBody(state, room, style)];
}

function titleLine(left: string, right: string, columns: number, style: Style): string {
  const shown = cut(left, columns);
  return style('inverse', shown + fit(` ${right} `, columns - widthOf(shown), 'right'));
}

function jobsBody({ jobs = [], selectedJob, columns }: State, nowMs: number, room: number, style: Style): string[] {
  if (jobs.length === 0) return ['no job is live'];
  const first = firstShown(jobs.length, jobs.findIndex(({ job }) => job === selectedJob), room - 1);
  const rows = jobs.slice(first, first + room - 1).map((row) => ({ row, selected: row.job === selectedJob }));
  return tableLines(jobColumns(nowMs), jobs, rows, columns, style);
}

function workersBody({ workers, columns, firstWorker }: State, room: number, style: Style): string[] {
  if (workers === undefined) return ['asking the leader …'];
  if ('missing' in workers) return [cut(workers.missing, columns)];
  const rows = workers.slice(firstWorker, firstWorker + room - 1).map((row) => ({ row, selected: false }));
  return tableLines(WORKER_COLUMNS, workers, rows, columns, style);
}

function logBody({ log, rows, columns }: State): string[] {
  if (log === undefined) return [];
  if (log.lines.length === 0) return [log.ended ? 'it has written nothing' : 'nothing is written yet …'];
  const end = (log.last ?? log.lines.length - 1) + 1;
  return log.lines.slice(Math.max(0, end - (rows - LOG_FRAME_ROWS)), end).map((line) => cut(visible(line), columns));
}

function logPlace({ log, gone, shown }: State): string {
  if (log === undefined) return '';
  const how = log.last === undefined ? (log.ended ? endOfLog(shown) : 'following') : `line ${log.forgotten + log.last + 1} of ${log.forgotten + log.lines.length}`;
  return gone === undefined ? how : `${how}, leader is gone`;
}

/** A worker that goes takes the reader along; its task's log is written on by another. */
function endOfLog(shown: State['shown']): string {
  return shown !== undefined && !isEnded(shown) ? 'followed no longer; Esc, then l' : 'the end';
}

function jobBody(state: State, room: number, style: Style): string[] {
  const { shown, columns } = state;
  if (shown === undefined) return [];
  const tasks = listedTasks(state);
  const stages = stageLines(state, roomForStages(state, room, tasks.length), style);
  if (tasks.length === 0) return [...stages, isEnded(shown) ? 'its tasks have ended' : 'no tasks yet'];
  const selected = selectedTask(state);
  const taskRoom = Math.max(1, room - stages.length - 1);
  const first = firstShown(tasks.length, tasks.findIndex((task) => task === selected), taskRoom);
  const rows = tasks.slice(first, first + taskRoom).map((row) => ({ row, selected: row === selected }));
  const behind = tasks.length - first - rows.length;
  // What does not fit is said in the place of the last one, unless that is the selected one.
  const more = behind > 0 && rows.at(-1)?.selected === false ? [style('dim', `  … ${behind + 1} more`)] : [];
  return [...stages, ...tableLines(taskColumns(state.sort), shown.tasks, more.length > 0 ? rows.slice(0, -1) : rows, columns, style), ...more];
}

/** With their title and the line behind them: all they want where tasks have room as well. */
function roomForStages({ rows, shown }: State, room: number, tasks: number): number {
  const wanted = (shown?.view.stages.length ?? 0) + 2;
  if (wanted + tasks + 1 <= room) return wanted;
  return rows < ROWS_FOR_STAGES ? 0 : Math.min(wanted, Math.floor(room * STAGES_SHARE));
}

function stageLines(state: State, most: number, style: Style): string[] {
  const { shown, columns, onlyStage } = state;
  const all = shown?.view.stages ?? [];
  const meant = selectedStage(state)?.stage;
  const room = most - 2;
  if (room < 1) return [];
  const first = firstShown(all.length, all.findIndex(({ stage }) => stage === meant), room);
  const rows = all.slice(first, first + room).map((row) => ({ row, selected: row.stage === onlyStage }));
  return [...tableLines(STAGE_COLUMNS, all, rows, columns, style), ''];
}

/** What became of the last wish, and a question; else the keys. */
function foot(state: State, style: Style): string[] {
  const { prompt, message, columns, rows } = state;
  const said = message === undefined ? [] : firstLines(message.text, columns, rows < ROWS_FOR_STAGES ? 1 : MAX_MESSAGE_ROWS)
    .map((line) => style(message.kind === 'failed' ? 'red' : 'green', fit(line, columns)));
  if (prompt === undefined) return said.length > 0 ? said : [style('dim', fit(keysOf(state), columns))];
  return [...said, style('yellow', fit(questionOf(prompt), columns))];
}

function questionOf(prompt: Prompt): string {
  if (prompt.kind === 'kill') return `kill task ${taskId(prompt.task)} (${visible(prompt.task.name)}, pid ${prompt.task.pid}, ${prompt.task.worker})? y / n`;
  return `stage ${prompt.stage} (${visible(prompt.name)}) has ${prompt.tasks}; how many tasks? ${prompt.text}_`;
}

const KEYS = {
  jobs: ['↑↓ choose', 'Enter look', 'q quit'],
  job: ['↑↓ task', '←→ stage', 'k kill', 's scale', 'l log', 'w workers', 'o sort', 'r reverse', 'q quit'],
  workers: ['↑↓ scroll', 'Esc back', 'q quit'],
  log: ['↑↓ PgUp PgDn scroll', 'End follow', 'Esc back'],
} as const;

/** As many as there is room for; the last one, which leads out, always. */
function keysOf({ screen, jobs, columns }: State): string {
  const back = screen === 'job' && jobs !== undefined ? ['Esc jobs'] : [];
  const all = [...KEYS[screen]];
  const last = all.pop() ?? '';
  const keys = [...all, ...back];
  const text = () => [...keys, last].join('  ');
  while (keys.length > 0 && widthOf(text()) > columns) keys.pop();
  return text();
}
