/** In which order tasks are listed. */
import type { TaskView } from '../../control/views.ts';

const SORT_COLUMNS = ['task', 'state', 'in', 'out', 'busy', 'blocked', 'backlog', 'worker', 'attempt'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

type Compare = (a: TaskView, b: TaskView) => number;

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byPlace: Compare = (a, b) => a.stage - b.stage || a.index - b.index;

const COMPARE: Readonly<Record<SortColumn, Compare>> = {
  task: byPlace,
  state: (a, b) => byText(a.state, b.state),
  in: (a, b) => a.inRate - b.inRate,
  out: (a, b) => a.outRate - b.outRate,
  busy: (a, b) => a.busyShare - b.busyShare,
  blocked: (a, b) => a.blockedShare - b.blockedShare,
  backlog: (a, b) => a.backlogBytes - b.backlogBytes,
  worker: (a, b) => byText(a.worker, b.worker),
  attempt: (a, b) => a.attempt - b.attempt,
};

/** Those that are alike stay in the order of their places. */
export function sortTasks(tasks: readonly TaskView[], { column, descending }: Sort): TaskView[] {
  const compare = COMPARE[column];
  return tasks.toSorted((a, b) => (descending ? compare(b, a) : compare(a, b)) || byPlace(a, b));
}

/** The next column; of numbers the greatest come first, since one looks for what is too much. */
export function nextSort({ column }: Sort): Sort {
  const next = SORT_COLUMNS[(SORT_COLUMNS.indexOf(column) + 1) % SORT_COLUMNS.length] ?? 'task';
  return { column: next, descending: !['task', 'state', 'worker'].includes(next) };
}
