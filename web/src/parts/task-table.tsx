/** The tasks of a job as a table, for who looks for one by its figures. Only so many rows are drawn. */
import { useState } from 'preact/hooks';
import type { TaskView } from '../api/types.ts';
import { formatBytes, formatNumberOf, formatPercent, formatRate } from '../format.ts';
import { nameOfTask } from '../live/job-picture.ts';
import { conditionOf } from '../live/task-state.ts';
import { linkToTask } from '../route.ts';
import { ConditionWord, nameOf } from './condition.tsx';

/** More nobody reads; the filter finds the others. */
const MAX_ROWS = 50;

const ORDERS = {
  task: { name: 'task', compare: () => 0 },
  busy: { name: 'busiest first', compare: (a: TaskView, b: TaskView) => b.busyShare - a.busyShare },
  backlog: { name: 'greatest backlog first', compare: (a: TaskView, b: TaskView) => b.backlogBytes - a.backlogBytes },
  rate: { name: 'most tuples in first', compare: (a: TaskView, b: TaskView) => b.inRate - a.inRate },
  attempt: { name: 'most attempts first', compare: (a: TaskView, b: TaskView) => b.attempt - a.attempt },
} as const;
type Order = keyof typeof ORDERS;

const RATES = ['In', 'Out', 'Busy', 'Blocked', 'Backlog'];

export interface TaskTableProps {
  readonly tasks: readonly TaskView[];
  /** The job has ended: there are no rates. */
  readonly isOver: boolean;
}

export function TaskTable({ tasks, isOver }: TaskTableProps) {
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<Order>('task');
  const last = Math.max(...tasks.map(({ stage }) => stage));
  const matching = tasks.filter((task) => matches(task, filter, last)).toSorted(ORDERS[order].compare);
  const shown = matching.slice(0, MAX_ROWS);
  return (
    <section aria-labelledby="tasks" class="block">
      <div class="block__head">
        <h2 id="tasks">Tasks</h2>
        <div class="tools">
          <label class="inline-field"><span class="hidden">Filter tasks</span><input type="search" placeholder="filter: 2-1, w1, blocked" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} /></label>
          <label class="inline-field"><span class="hidden">Order</span><select value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>{Object.entries(ORDERS).map(([key, { name }]) => <option key={key} value={key}>{`by ${name}`}</option>)}</select></label>
        </div>
      </div>
      <div class="table-frame" role="region" tabIndex={0} aria-labelledby="tasks">
        <table>
          <thead><tr><th scope="col">Task</th><th scope="col">Stage</th><th scope="col">Does</th><th scope="col">Worker</th>{isOver ? null : RATES.map((name) => <th key={name} scope="col" class="end">{name}</th>)}<th scope="col" class="end">Attempt</th></tr></thead>
          <tbody>{shown.map((task) => <Row key={nameOfTask(task)} task={task} last={last} isOver={isOver} />)}</tbody>
        </table>
      </div>
      {matching.length > shown.length ? <p class="dim">{formatNumberOf(matching.length - shown.length, 'more task')}; the filter finds them.</p> : null}
      {matching.length === 0 ? <p class="empty">{tasks.length === 0 ? 'It has no tasks yet.' : 'No task matches.'}</p> : null}
    </section>
  );
}

function Row({ task, last, isOver }: { readonly task: TaskView; readonly last: number; readonly isOver: boolean }) {
  const isOperator = task.stage > 0 && task.stage < last;
  return (
    <tr>
      <th scope="row"><a class="num" href={linkToTask(task.job, nameOfTask(task))}>{nameOfTask(task)}</a></th>
      <td><span class="clip" title={task.name}>{task.name}</span></td>
      <td><ConditionWord condition={conditionOf(task, isOperator)} /></td>
      <td>{task.worker}</td>
      {isOver ? null : (
        <>
          <td class="end num">{formatRate(task.inRate)}</td>
          <td class="end num">{formatRate(task.outRate)}</td>
          <td class="end num">{isOperator ? formatPercent(task.busyShare) : ''}</td>
          <td class="end num">{isOperator ? formatPercent(task.blockedShare) : ''}</td>
          <td class="end num">{isOperator ? formatBytes(task.backlogBytes) : ''}</td>
        </>
      )}
      <td class="end num">{task.attempt}</td>
    </tr>
  );
}

function matches(task: TaskView, filter: string, last: number): boolean {
  const words = [nameOfTask(task), task.name, task.worker, nameOf(conditionOf(task, task.stage > 0 && task.stage < last))].join(' ').toLowerCase();
  return filter.toLowerCase().split(/\s+/).every((word) => words.includes(word));
}
