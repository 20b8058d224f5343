/** `rainstorm kill-task`: kills the operator of a task as a fault would, with SIGKILL. */
import { RainstormError } from '../base/errors.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { TaskView } from '../control/views.ts';
import { parseTaskId, taskId } from '../job/task-id.ts';
import { findJob, type FindJobOptions } from './find-job.ts';
import { unknownTask } from './task-names.ts';
import { tasksOf } from './tasks.ts';
import { Terminal } from './terminal.ts';

export interface KillTaskOptions extends FindJobOptions {
  /** A task's id (`2-0`), or the pid of its operator as `rainstorm tasks` shows it; of a chain, that of any of its processes. */
  readonly target: string;
  /** The worker that hosts it, where that is said: then the target is a pid. */
  readonly worker?: string | undefined;
  readonly json: boolean;
}

/** Throws UNKNOWN_TASK when the target is no task, or one without a running operator; NO_LIVE_JOB, UNKNOWN_JOB, USAGE. */
export async function killTask(options: KillTaskOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const found = await findJob(options);
  const { job, client } = found;
  const tasks = await tasksOf(found);
  const task = options.worker === undefined ? findTarget(options.target, job, tasks) : taskOnWorker(options.worker, options.target, job, tasks);
  const killed = await client.call(leaderRoutes.killTask, undefined, { params: { job, task } });
  if (options.json) return terminal.printJson({ job, ...killed });
  await terminal.print(`killed task ${killed.task}, pid ${killed.pid}\n`);
}

function findTarget(target: string, job: string, tasks: readonly TaskView[]): string {
  if (/^\d+$/.test(target)) return taskOfPid(Number(target), job, tasks);
  if (parseTaskId(target) === undefined) {
    throw new RainstormError('USAGE', `"${target}" is neither a task nor a pid`, { hint: 'A task is written 2-0 (stage 2, its first task); rainstorm tasks lists tasks and pids.' });
  }
  if (tasks.some((task) => taskId(task) === target)) return target;
  throw unknownTask(`job ${job} has no task ${target}`, tasks);
}

/** Pids of several machines may be the same. */
function taskOnWorker(worker: string, pid: string, job: string, tasks: readonly TaskView[]): string {
  const hosted = tasks.filter((task) => task.worker === worker);
  if (hosted.length === 0) throw unknownTask(`job ${job} has no task on a worker ${worker}`, tasks);
  if (!/^\d+$/.test(pid)) throw new RainstormError('USAGE', `"${pid}" is no pid`, { hint: 'rainstorm tasks lists tasks, workers and pids.' });
  return taskOfPid(Number(pid), job, hosted);
}

function taskOfPid(pid: number, job: string, tasks: readonly TaskView[]): string {
  const task = tasks.find((other) => other.pids.includes(pid));
  if (task !== undefined) return taskId(task);
  throw unknownTask(`pid ${pid} is no operator of job ${job}`, tasks);
}
