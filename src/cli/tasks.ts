/** `rainstorm tasks`: what each task of a live job does just now. */
import { leaderRoutes } from '../control/routes.ts';
import type { JobView, TaskView } from '../control/views.ts';
import { taskId } from '../job/task-id.ts';
import { findJob, type FindJobOptions, type FoundJob } from './find-job.ts';
import { formatBytes } from './progress.ts';
import { formatTable } from './table.ts';
import { Terminal } from './terminal.ts';

export interface ListTasksOptions extends FindJobOptions {
  /** Source and sinks too. */
  readonly all?: boolean | undefined;
  readonly json: boolean;
}

const HEADERS = ['TASK', 'STAGE NAME', 'STATE', 'PID', 'WORKER', 'ATTEMPT', 'IN/s', 'OUT/s', 'BUSY', 'BLOCKED', 'BACKLOG'];

/** Throws NO_LIVE_JOB, UNKNOWN_JOB, USAGE, UNREACHABLE. */
export async function listTasks(options: ListTasksOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const found = await findJob(options);
  const every = await tasksOf(found);
  const tasks = options.all === true ? every : every.filter((task) => isOfUser(task, every));
  if (options.json) return terminal.printJson(tasks);
  // Few jobs leave tuples out, and lines are long.
  const hasSkipped = every.some(({ skippedTuples }) => skippedTuples > 0);
  await terminal.print(formatTable([...HEADERS, ...(hasSkipped ? ['SKIPPED'] : []), 'LOG'], tasks.map((task) => [
    taskId(task),
    task.name,
    task.state,
    task.pid ?? undefined,
    task.worker === '' ? undefined : task.worker,
    task.attempt,
    Math.round(task.inRate),
    Math.round(task.outRate),
    percent(task.busyShare),
    percent(task.blockedShare),
    formatBytes(task.backlogBytes),
    ...(hasSkipped ? [task.skippedTuples] : []),
    task.log,
  ])));
  for (const { holdsBack } of tasks) if (holdsBack !== undefined) await terminal.print(`${holdsBack}\n`);
  for (const advice of (await jobOf(found)).scaleAdvice) await terminal.print(`${advice}\n`);
}

async function jobOf({ client, job }: FoundJob): Promise<JobView> {
  return await client.call(leaderRoutes.job, undefined, { params: { job } });
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** All tasks, source and sinks included. */
export async function tasksOf({ client, job }: FoundJob): Promise<TaskView[]> {
  return await client.call(leaderRoutes.tasks, undefined, { params: { job } });
}

/** The first stage is the source and the last the sink; those between are the user's. */
function isOfUser(task: TaskView, all: readonly TaskView[]): boolean {
  return task.stage > 0 && task.stage < Math.max(...all.map((other) => other.stage));
}
