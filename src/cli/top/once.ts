/** The same as plain text, once: for a script, a pager, or a terminal that is none. */
import { flowText, saidTexts } from './job-head.ts';
import type { JobRow, Shown } from './state.ts';
import { sortTasks } from './task-order.ts';
import { tableLines, type TableColumn } from './table.ts';
import { ageOf, jobColumns, STAGE_COLUMNS, taskColumns } from './tables.ts';
import { formatDuration } from '../progress.ts';

/** Nothing is left out or cut for the width of a terminal. */
const WIDTH = 1_000;

/** Ends with a newline. `nowMs`: since the epoch. */
export function shownOnce(shown: Shown, nowMs: number): string {
  const { view, tasks } = shown;
  return textOf([
    `${view.job}  ${view.state}  ${formatDuration(ageOf(view, nowMs))}`,
    flowText(shown),
    ...saidTexts(shown),
    '',
    ...table(STAGE_COLUMNS, view.stages),
    ...(tasks.length === 0 ? [] : ['', ...table(taskColumns({ column: 'task', descending: false }).map(withoutArrow), sortTasks(tasks, { column: 'task', descending: false }))]),
  ]);
}

export function jobsOnce(jobs: readonly JobRow[], nowMs: number): string {
  return textOf(table(jobColumns(nowMs), jobs));
}

function table<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string[] {
  const wide = columns.map((column) => ({ ...column, maxWidth: WIDTH }));
  return tableLines(wide, rows, rows.map((row) => ({ row, selected: false })), WIDTH, (_, text) => text).map((line) => line.slice(2));
}

function withoutArrow<Row>(column: TableColumn<Row>): TableColumn<Row> {
  return { ...column, title: column.title.replace(/[▲▼]$/u, '') };
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
