/** All that a page knows of a job, and how the leader's events change it. Pure: the feed brings events and answers. */
import type { ExplainView, HistoryView, Mark, JobEvent, JobState, JobView, PlanView, ScaleRecord, TaskView } from '../api/types.ts';
import type { ServerEvent } from '../api/event-stream.ts';
import { NO_HISTORY, withMark, withPoint } from './rates-history.ts';

export interface JobPicture {
  readonly view?: JobView;
  readonly tasks: readonly TaskView[];
  readonly plan?: PlanView;
  readonly explanation?: ExplainView;
  readonly history: HistoryView;
  /** When the leader told something last. */
  readonly atMs: number;
}

export const EMPTY_PICTURE: JobPicture = { tasks: [], history: NO_HISTORY, atMs: 0 };

const ENDED: ReadonlySet<JobState> = new Set<JobState>(['done', 'failed', 'cancelled']);

export function isEnded(state: JobState): boolean {
  return ENDED.has(state);
}

export function nameOfTask(task: { readonly stage: number; readonly index: number }): string {
  return `${task.stage}-${task.index}`;
}

/** As they stand when their job has ended: what was still at work then has been stopped. */
export function tasksAtEnd(tasks: readonly TaskView[]): TaskView[] {
  return tasks.map((task) => (task.state === 'failed' || task.state === 'finished' ? task : { ...task, state: 'stopped' }));
}

type Rates = Extract<JobEvent, { event: 'rates' }>['data'];
type StateChange = Extract<JobEvent, { event: 'state' }>['data'];

export function afterEvents(picture: JobPicture, events: readonly ServerEvent[], nowMs: number): JobPicture {
  return events.reduce(afterEvent, { ...picture, atMs: nowMs });
}

function afterEvent(picture: JobPicture, { event, data }: ServerEvent): JobPicture {
  if (event === 'job') return { ...picture, view: data as JobView };
  if (picture.view === undefined) return picture;
  if (event === 'rates') return afterRates(picture, picture.view, data as Rates);
  if (event === 'state') return { ...picture, view: { ...picture.view, ...(data as StateChange) } };
  if (event === 'mark') return { ...picture, history: withMark(picture.history, data as Mark) };
  if (event === 'scale') return { ...picture, view: { ...picture.view, scaled: afterScale(picture.view.scaled, data as ScaleRecord) } };
  return picture;
}

function afterRates(picture: JobPicture, view: JobView, rates: Rates): JobPicture {
  const { atMs } = rates;
  const stages = view.stages.map((stage) => ({ ...stage, ...rates.stages.find((other) => other.stage === stage.stage) }));
  const known = new Map(picture.tasks.map((task) => [nameOfTask(task), task]));
  const tasks = rates.tasks.flatMap((now) => {
    const before = known.get(nameOfTask(now));
    if (before === undefined) return [];
    return isSameLoad(before, now) ? [before] : [{ ...before, ...now }];
  });
  return { ...picture, view: { ...view, stages }, tasks, history: withPoint(picture.history, { atMs, stages: rates.stages }) };
}

/** A task that nothing happens to is not drawn again. */
function isSameLoad(before: TaskView, now: Rates['tasks'][number]): boolean {
  return before.state === now.state && before.inRate === now.inRate && before.outRate === now.outRate
    && before.busyShare === now.busyShare && before.blockedShare === now.blockedShare && before.backlogBytes === now.backlogBytes;
}

/** Whether rates were told of a task that is not known yet: a stage has got more, or others. */
export function hasUnknownTasks(picture: JobPicture, events: readonly ServerEvent[]): boolean {
  const known = new Set(picture.tasks.map(nameOfTask));
  return events.some(({ event, data }) => event === 'rates' && (data as Rates).tasks.some((task) => !known.has(nameOfTask(task))));
}

function afterScale(scaled: readonly ScaleRecord[], record: ScaleRecord): ScaleRecord[] {
  return [...scaled.filter(({ number }) => number !== record.number), record];
}
