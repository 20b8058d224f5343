/**
 * The tasks of a stage: few as rows with their figures, many as a grid of small cells. The grid is one stop for the
 * tabulator key, within which the arrow keys move, since nobody wants to press it a thousand times.
 */
import { Component } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { TaskView } from '../api/types.ts';
import { formatPercent, formatRate } from '../format.ts';
import { nameOfTask } from '../live/job-picture.ts';
import { conditionOf, type Condition } from '../live/task-state.ts';
import { linkToTask } from '../route.ts';
import { ConditionSign, nameOf } from './condition.tsx';

/** More rows would make the stage higher than the others by far. */
const MAX_ROWS = 8;

export interface TaskCellsProps {
  readonly tasks: readonly TaskView[];
  readonly isOperator: boolean;
  /** The job has ended: there are no rates. */
  readonly isOver: boolean;
  readonly label: string;
}

export function TaskCells({ tasks, isOperator, isOver, label }: TaskCellsProps) {
  if (tasks.length <= MAX_ROWS) {
    return <ul class="rows" aria-label={label}>{tasks.map((task) => <TaskRow key={nameOfTask(task)} task={task} isOperator={isOperator} isOver={isOver} />)}</ul>;
  }
  return <TaskGrid tasks={tasks} isOperator={isOperator} isOver={isOver} label={label} />;
}

function TaskGrid({ tasks, isOperator, isOver, label }: TaskCellsProps) {
  const list = useRef<HTMLUListElement>(null);
  const [active, setActive] = useState(0);
  const current = Math.min(active, tasks.length - 1);
  const move = (event: KeyboardEvent) => {
    const links = [...list.current?.querySelectorAll('a') ?? []];
    const next = neighbourOf(current, event.key, links);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
    links[next]?.focus();
  };
  return (
    <ul class="cells" ref={list} aria-label={label} onKeyDown={move}>
      {tasks.map((task, index) => <TaskCell key={nameOfTask(task)} task={task} isOperator={isOperator} isOver={isOver} isStop={index === current} />)}
    </ul>
  );
}

/** Where an arrow leads to, in cells that are broken into lines as wide as there is room. */
function neighbourOf(current: number, key: string, cells: readonly HTMLElement[]): number | undefined {
  const top = cells[0]?.offsetTop;
  const rest = cells.findIndex((cell) => cell.offsetTop !== top);
  const perLine = rest === -1 ? cells.length : rest;
  const next = { ArrowLeft: current - 1, ArrowRight: current + 1, ArrowUp: current - perLine, ArrowDown: current + perLine, Home: 0, End: cells.length - 1 }[key];
  return next !== undefined && next >= 0 && next < cells.length ? next : undefined;
}

interface CellProps extends Pick<TaskCellsProps, 'isOperator' | 'isOver'> {
  readonly task: TaskView;
}

/** Drawn again only when something about its task has changed. */
class TaskCell extends Component<CellProps & { readonly isStop: boolean }> {
  override shouldComponentUpdate(next: CellProps & { readonly isStop: boolean }): boolean {
    return next.task !== this.props.task || next.isStop !== this.props.isStop || next.isOperator !== this.props.isOperator || next.isOver !== this.props.isOver;
  }

  override render() {
    const { task, isOperator, isOver, isStop } = this.props;
    const condition = conditionOf(task, isOperator);
    const text = describe(task, condition, isOver);
    return <li><a class={`cell cell--${condition}`} href={linkToTask(task.job, nameOfTask(task))} tabIndex={isStop ? 0 : -1} title={text} aria-label={text}><ConditionSign condition={condition} /></a></li>;
  }
}

class TaskRow extends Component<CellProps> {
  override shouldComponentUpdate(next: CellProps): boolean {
    return next.task !== this.props.task || next.isOperator !== this.props.isOperator || next.isOver !== this.props.isOver;
  }

  override render() {
    const { task, isOperator, isOver } = this.props;
    const condition = conditionOf(task, isOperator);
    return (
      <li>
        <a class={`row row--${condition}`} href={linkToTask(task.job, nameOfTask(task))} title={describe(task, condition, isOver)}>
          <ConditionSign condition={condition} />
          <span class="row__name num">{nameOfTask(task)}</span>
          <span class="hidden">{nameOf(condition)}, </span>
          <span class="row__worker">{task.worker}</span>
          <span class="row__rate num">{isOver ? '' : formatRate(task.inRate === 0 ? task.outRate : task.inRate)}</span>
        </a>
      </li>
    );
  }
}

function describe(task: TaskView, condition: Condition, isOver: boolean): string {
  const where = task.worker === '' ? '' : ` on ${task.worker}`;
  const what = `task ${nameOfTask(task)}${where}: ${nameOf(condition)}`;
  if (isOver) return what;
  return `${what}, busy ${formatPercent(task.busyShare)}, blocked ${formatPercent(task.blockedShare)}, ${formatRate(task.inRate)} in, ${formatRate(task.outRate)} out`;
}
