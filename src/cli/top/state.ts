/** The room of `rainstorm top`: what is on the screen, as one value that keys and news change (step) and that is drawn (frame). */
import type { JobView, TaskView, WorkerView } from '../../control/views.ts';
import { taskId } from '../../job/task-id.ts';
import { sortTasks, type Sort } from './task-order.ts';

export type { JobView, TaskView, WorkerView } from '../../control/views.ts';

/** What is known of one job. */
export interface Shown {
  readonly view: JobView;
  readonly tasks: readonly TaskView[];
  /** What limits it, in a sentence; undefined where its leader does not say. */
  readonly sentence?: string | undefined;
}

export interface JobRow {
  readonly job: string;
  /** Undefined where its leader does not answer. */
  readonly view: JobView | undefined;
}

export interface LogView {
  readonly task: string;
  readonly lines: readonly string[];
  /** Of what was read: older lines are forgotten. */
  readonly forgotten: number;
  /** The last line on the screen; undefined: it follows the end. */
  readonly last: number | undefined;
  /** It has ended, with its job. */
  readonly ended: boolean;
}

export type Prompt =
  | { readonly kind: 'kill'; readonly task: TaskView }
  | { readonly kind: 'scale'; readonly stage: number; readonly name: string; readonly tasks: number; readonly text: string };

export interface Message {
  readonly text: string;
  readonly kind: 'said' | 'failed';
}

export interface State {
  readonly screen: 'jobs' | 'job' | 'workers' | 'log';
  /** Of the terminal. */
  readonly rows: number;
  readonly columns: number;
  /** All live jobs, where they can be chosen from; undefined where there was one from the start. */
  readonly jobs: readonly JobRow[] | undefined;
  readonly selectedJob: string | undefined;
  readonly shown: Shown | undefined;
  /** Since when, in milliseconds, nobody answers, and what is known of it. */
  readonly gone: { readonly sinceMs: number; readonly why: string } | undefined;
  /** Tasks of this stage alone. */
  readonly onlyStage: number | undefined;
  readonly sort: Sort;
  readonly selectedTask: string | undefined;
  readonly prompt: Prompt | undefined;
  readonly message: Message | undefined;
  readonly log: LogView | undefined;
  /** Undefined until they were asked for. */
  readonly workers: readonly WorkerView[] | { readonly missing: string } | undefined;
  /** The first worker on the screen. */
  readonly firstWorker: number;
}

export function startState(start: Pick<State, 'rows' | 'columns' | 'jobs'>): State {
  return {
    ...start,
    screen: start.jobs === undefined ? 'job' : 'jobs',
    selectedJob: start.jobs?.[0]?.job,
    shown: undefined,
    gone: undefined,
    onlyStage: undefined,
    sort: { column: 'task', descending: false },
    selectedTask: undefined,
    prompt: undefined,
    message: undefined,
    log: undefined,
    workers: undefined,
    firstWorker: 0,
  };
}

/** The tasks that are listed, in their order. */
export function listedTasks({ shown, onlyStage, sort }: Pick<State, 'shown' | 'onlyStage' | 'sort'>): TaskView[] {
  return sortTasks((shown?.tasks ?? []).filter(({ stage }) => onlyStage === undefined || stage === onlyStage), sort);
}

export function selectedTask(state: State): TaskView | undefined {
  const listed = listedTasks(state);
  return listed.find((task) => taskId(task) === state.selectedTask) ?? listed[0];
}

/** The stage that the user means: the one whose tasks are listed alone, or that of the selected task. */
export function selectedStage(state: State): JobView['stages'][number] | undefined {
  const number = state.onlyStage ?? selectedTask(state)?.stage;
  return state.shown?.view.stages.find(({ stage }) => stage === number);
}

export function isEnded({ view }: Shown): boolean {
  return view.state === 'done' || view.state === 'failed' || view.state === 'cancelled';
}
