/**
 * What happens to a job, for one client: its rates each second, and everything else as it happens, until the job has ended.
 *
 * What the client has not read yet is kept, up to a limit (event-queue.ts); rates are only looked up when it is ready for them.
 */
import type { Clock } from '../base/clock.ts';
import type { JobEvent } from '../control/job-event.ts';
import type { JobState } from '../control/views.ts';
import { taskId } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { viewOfJob, viewOfTasks } from '../leader/job-view.ts';
import { isEndedState } from '../leader/job-record.ts';
import type { JobRun } from '../leader/job-run.ts';
import type { ScalingEvent } from '../leader/job-scaling.ts';
import { EventQueue } from './event-queue.ts';

/** Rates change each second; workers report as often. */
const LOOK_MS = 1_000;

/** Ends when the job has ended, or with the signal. */
export async function* jobEvents(run: JobRun, clock: Clock, gone: AbortSignal): AsyncGenerator<JobEvent> {
  const queue = new EventQueue();
  const ended = new AbortController();
  const off = run.scaling.listen((event) => queue.push(toJobEvent(event)));
  gone.addEventListener('abort', () => ended.abort());
  try {
    const attempts = new Map<string, Pick<TaskStatus, 'generation' | 'attempt'>>();
    let state = run.state;
    void watchState(run, state, queue, ended.signal);
    noteRestarts(run, attempts);
    yield { event: 'job', data: viewOfJob(run) };
    for (let nextAt = clock.now(); !gone.aborted; ) {
      const events = queue.take();
      for (const event of events) if (event.event === 'state') state = event.data.state;
      yield* events;
      if (isEndedState(state)) return;
      if (clock.now() >= nextAt) {
        nextAt = clock.now() + LOOK_MS;
        for (const event of noteRestarts(run, attempts)) queue.push(event);
        if (state === 'running') yield ratesOf(run);
      }
      await somethingToSay(queue, clock, nextAt, ended.signal);
    }
  } finally {
    off();
    ended.abort();
  }
}

/** As the client reads them: `event: NAME`, `data: JSON` and an empty line each. */
export async function* asServerSentEvents(events: AsyncIterable<JobEvent>): AsyncGenerator<string> {
  for await (const { event, data } of events) yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function somethingToSay(queue: EventQueue, clock: Clock, nextAt: number, ended: AbortSignal): Promise<void> {
  const timer = new AbortController();
  const stop = () => timer.abort();
  ended.addEventListener('abort', stop);
  await Promise.race([queue.filled, clock.wait(Math.max(0, nextAt - clock.now()), timer.signal)]);
  ended.removeEventListener('abort', stop);
  timer.abort();
}

/** A state that is left again at once may go untold, the last one never. */
async function watchState(run: JobRun, first: JobState, queue: EventQueue, ended: AbortSignal): Promise<void> {
  for (let told = first; !ended.aborted; await run.change(ended)) {
    const { state } = run;
    if (state === told && !isEndedState(state)) continue;
    const { failure } = viewOfJob(run);
    queue.push({ event: 'state', data: { state, ...(failure === undefined ? {} : { failure }) } });
    if (isEndedState(state)) return;
    told = state;
  }
}

/** What has a greater attempt than the last time; a task that is seen for the first time, or is another one now, has not been started again. */
function noteRestarts(run: JobRun, attempts: Map<string, Pick<TaskStatus, 'generation' | 'attempt'>>): JobEvent[] {
  return [...run.statuses.values()].flatMap((status): JobEvent[] => {
    const { stage, index, generation, attempt } = status;
    const id = taskId(status);
    const before = attempts.get(id);
    attempts.set(id, { generation, attempt });
    const isRestarted = before?.generation === generation && attempt > before.attempt;
    return isRestarted ? [{ event: 'restart', data: { stage, index, attempt, worker: run.workerOf(id)?.worker ?? '' } }] : [];
  });
}

function ratesOf(run: JobRun): JobEvent {
  const rates = ({ inRate, outRate, busyShare, blockedShare, backlogBytes }: Rates): Rates => ({ inRate, outRate, busyShare, blockedShare, backlogBytes });
  return {
    event: 'rates',
    data: {
      atMs: Date.now(),
      stages: viewOfJob(run).stages.map((stage) => ({ stage: stage.stage, tasks: stage.tasks, ...rates(stage) })),
      tasks: viewOfTasks(run).map((task) => ({ stage: task.stage, index: task.index, state: task.state, ...rates(task) })),
    },
  };
}

interface Rates {
  readonly inRate: number;
  readonly outRate: number;
  readonly busyShare: number;
  readonly blockedShare: number;
  readonly backlogBytes: number;
}

function toJobEvent(event: ScalingEvent): JobEvent {
  return event.kind === 'scale' ? { event: 'scale', data: event.record } : { event: 'advice', data: { stage: event.stage, text: event.text } };
}
