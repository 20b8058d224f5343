/** What is measured of jobs, their stages and their tasks. */
import { FIRST_GENERATION, taskId } from '../job/task-id.ts';
import { generationOfStage } from '../job/topology.ts';
import type { JobState, JobView } from '../control/views.ts';
import type { JobRun } from '../leader/job-run.ts';
import { viewOfJob, viewOfTasks } from '../leader/job-view.ts';
import type { TaskTotal } from '../leader/task-totals.ts';
import type { Labels, MetricFamily } from './metric-text.ts';

/** Figures of an ended job go on for as long as everybody who looks now and then has seen the last ones. */
const ENDED_FIGURES_MS = 5 * 60_000;

const STATES: readonly JobState[] = ['waiting', 'running', 'publishing', 'done', 'failed', 'cancelled'];

/** `now`: milliseconds since the Unix epoch. */
export function jobMetrics(runs: readonly JobRun[], now: number): MetricFamily[] {
  const recent = runs.filter(({ endedAt }) => endedAt === undefined || now - endedAt.getTime() < ENDED_FIGURES_MS).map((run) => ({ run, view: viewOfJob(run) }));
  return [...ofJobs(runs), ...ofSources(recent.map(({ view }) => view)), ...ofStages(recent), ...ofTasks(recent.map(({ run }) => run))];
}

interface Seen {
  readonly run: JobRun;
  readonly view: JobView;
}

type Sample = readonly [Labels, number];

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `rainstorm_${name}`, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `rainstorm_${name}`, type: 'counter', help, samples };
}

function ofJobs(runs: readonly JobRun[]): MetricFamily[] {
  return [
    gauge('job_state', 'Whether a job is in this state: 1, or 0.', runs.flatMap((run) => STATES.map((state): Sample => [{ job: run.job, state }, Number(run.state === state)]))),
    gauge('job_start_time_seconds', 'When a job was submitted, in seconds since the Unix epoch.', runs.map((run) => [{ job: run.job }, run.startedAt.getTime() / 1000])),
    gauge('job_end_time_seconds', 'When a job ended, in seconds since the Unix epoch.', runs.flatMap(({ job, endedAt }) => (endedAt === undefined ? [] : [[{ job }, endedAt.getTime() / 1000] as const]))),
  ];
}

function ofSources(views: readonly JobView[]): MetricFamily[] {
  return [
    gauge('job_source_position_bytes', 'How far the source of a job has been read; it goes back where it is read again.', views.map(({ job, sourceDoneBytes }) => [{ job }, sourceDoneBytes])),
    gauge('job_source_size_bytes', 'How much there is to read, where that is known.', views.flatMap(({ job, sourceTotalBytes }) => (sourceTotalBytes === undefined ? [] : [[{ job }, sourceTotalBytes] as const]))),
  ];
}

function ofStages(seen: readonly Seen[]): MetricFamily[] {
  const each = (value: (run: JobRun, stage: JobView['stages'][number]) => number | undefined) => seen.flatMap(({ run, view }) => view.stages.flatMap((stage): Sample[] => {
    const found = value(run, stage);
    return found === undefined ? [] : [[{ job: run.job, stage: stage.stage, name: stage.name }, found]];
  }));
  const total = (of: (total: TaskTotal) => number) => each((run, { stage }) => of(run.rates.totals.ofStage(stage)));
  return [
    gauge('stage_tasks', 'Tasks that a stage has now.', each((_, { tasks }) => tasks)),
    counter('stage_rescales_total', 'How often a stage was given another number of tasks.', each((run, { stage }) => generationOfStage(run.topology, stage) - FIRST_GENERATION)),
    counter('stage_tuples_in_total', 'Tuples that the tasks of a stage have taken, those too that it has no more.', total(({ inTuples }) => inTuples)),
    counter('stage_tuples_out_total', 'Tuples that the tasks of a stage have put out, those too that it has no more.', total(({ outTuples }) => outTuples)),
  ];
}

function ofTasks(runs: readonly JobRun[]): MetricFamily[] {
  const tasks = runs.flatMap((run) => viewOfTasks(run).map((view) => ({ view, total: run.rates.totals.of(view) })));
  const each = (value: (task: (typeof tasks)[number]) => number) => tasks.map((task): Sample => {
    const { job, stage, name } = task.view;
    return [{ job, stage, name, task: taskId(task.view) }, value(task)];
  });
  return [
    counter('task_tuples_in_total', 'Tuples that a task has taken, each once, however often it was started again.', each(({ total }) => total.inTuples)),
    counter('task_tuples_out_total', 'Tuples that a task has put out, each once, however often it was started again.', each(({ total }) => total.outTuples)),
    counter('task_tuples_skipped_total', 'Tuples that a task has left out, since its operator dies of them.', each(({ total }) => total.skippedTuples)),
    counter('task_restarts_total', 'How often a task was started again.', each(({ total }) => total.restarts)),
    gauge('task_backlog_bytes', 'Input that the operator of a task was not given yet.', each(({ view }) => view.backlogBytes)),
    gauge('task_busy_ratio', 'Share of the last three seconds in which the operator of a task worked, from 0 to 1.', each(({ view }) => view.busyShare)),
    gauge('task_blocked_ratio', 'Share of the last three seconds in which the next stage had no room, from 0 to 1.', each(({ view }) => view.blockedShare)),
    gauge('task_running', 'Whether a task runs: 1, or 0.', each(({ view }) => Number(view.state === 'running'))),
    gauge('task_stalled', 'Whether a task runs and its operator stands still: 1, or 0.', each(({ view }) => Number(view.state === 'stalled'))),
  ];
}
