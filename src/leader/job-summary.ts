/** A job in a list of jobs: what can be told of it without looking at each of its tasks. */
import type { JobSummary, JobView } from '../control/views.ts';
import { stageNumbers, tasksOfStage } from '../job/topology.ts';
import type { JobRun } from './job-run.ts';
import { nameOfStage, skippedBy } from './job-view.ts';

export function summaryOfRun(run: JobRun): JobSummary {
  const { topology, endedAt } = run;
  return {
    job: run.job,
    state: run.state,
    startedAt: run.startedAt.toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: endedAt.toISOString() }),
    dest: run.options.dest,
    skippedTuples: skippedBy(run),
    stages: stageNumbers(topology).map((stage) => ({ stage, name: nameOfStage(topology, stage), tasks: tasksOfStage(topology, stage) })),
    inRate: endedAt === undefined ? run.rates.of({ stage: 0, index: 0 }).outRate : 0,
  };
}

export function summaryOfEnded({ job, state, startedAt, endedAt, dest, skippedTuples, stages }: JobView): JobSummary {
  return {
    job, state, startedAt, ...(endedAt === undefined ? {} : { endedAt }), dest, skippedTuples,
    stages: stages.map(({ stage, name, tasks }) => ({ stage, name, tasks })),
    inRate: 0,
  };
}
