/** What is answered of a job: from its run where the leader has it, from the job's folder where it has ended and is gone from there. */
import type { ExplainView, HistoryView, JobView, PlanView, TaskView } from '../control/views.ts';
import { explainRun } from '../leader/explain-run.ts';
import { viewOfJob, viewOfTasks } from '../leader/job-view.ts';
import type { Leader } from '../leader/leader.ts';
import { planOf } from '../leader/views-of-job.ts';

/** Those that it leads or has led, and the other ended ones of its data folder, the newest first. */
export async function jobsOf(leader: Leader): Promise<JobView[]> {
  const runs = leader.runs();
  const others = await leader.ended.list(new Set(runs.map(({ job }) => job)));
  return [...runs.map(viewOfJob), ...others].toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** Each throws UNKNOWN_JOB, or USAGE where the folder of an ended job is broken. */
export async function tasksOf(leader: Leader, job: string): Promise<TaskView[]> {
  const run = leader.run(job);
  return run === undefined ? (await leader.ended.views(job)).tasks : viewOfTasks(run);
}

export async function planAnswer(leader: Leader, job: string): Promise<PlanView> {
  const run = leader.run(job);
  return run === undefined ? (await leader.ended.views(job)).plan : planOf(run);
}

export async function historyOf(leader: Leader, job: string): Promise<HistoryView> {
  const run = leader.run(job);
  return run === undefined ? (await leader.ended.views(job)).history : leader.watch(run).history();
}

export async function explanationOf(leader: Leader, job: string): Promise<ExplainView> {
  const run = leader.run(job);
  return run === undefined ? (await leader.ended.views(job)).explain : explainRun(run, () => leader.watch(run).history());
}
