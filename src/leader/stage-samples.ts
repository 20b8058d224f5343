/** What the autoscaler is told each second of a job. */
import type { StageSample } from '../autoscale/stage-sample.ts';
import { RateSchedule } from '../job/rate-schedule.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import { sinkStage, stageBehind, stageNumbers, tasksOfStage, type Topology } from '../job/topology.ts';
import type { JobScaling } from './job-scaling.ts';
import type { Rates, TaskRate } from './rates.ts';

type TaskPlace = Pick<TaskRef, 'stage' | 'index'>;

export interface SampledJob {
  readonly topology: Topology;
  readonly statuses: ReadonlyMap<string, TaskStatus>;
  readonly rates: Pick<Rates, 'latest'>;
  readonly scaling: Pick<JobScaling, 'isUnderWay'>;
}

/** Of the source and all stages, without the sink. `runningMs`: since the job's tasks were placed. */
export function sampleStages(job: SampledJob, runningMs: number): StageSample[] {
  return stageNumbers(job.topology).filter((stage) => stage < sinkStage(job.topology)).map((stage) => sampleStage(job, stage, runningMs));
}

/** The source has read all there is: what its stages do from now on says nothing of what they need. */
export function isSourceOver({ statuses }: SampledJob): boolean {
  return statuses.get(taskId({ stage: 0, index: 0 }))?.state === 'finished';
}

function sampleStage(job: SampledJob, stage: number, runningMs: number): StageSample {
  const { topology, rates } = job;
  const places = placesOf(topology, stage);
  const measured = places.map((place) => rates.latest(place));
  const sum = (of: (rate: TaskRate) => number) => measured.reduce((total, rate) => total + of(rate), 0);
  return {
    stage,
    tasks: places.length,
    inTuplesPerSecond: sum(({ inRate }) => inRate),
    outTuplesPerSecond: sum(({ outRate }) => outRate),
    backlogBytes: sum(({ backlogBytes }) => backlogBytes),
    busyShare: sum(({ busyShare }) => busyShare) / places.length,
    blockedShare: sum(({ blockedShare }) => blockedShare) / places.length,
    settled: isStageSettled(job, stage) && (stageBehind(topology, stage) < sinkStage(topology) || isStageSettled(job, sinkStage(topology))),
    ...(stage === 0 ? wishOf(topology, runningMs) : {}),
  };
}

function placesOf(topology: Topology, stage: number): TaskPlace[] {
  return Array.from({ length: tasksOfStage(topology, stage) }, (_, index) => ({ stage, index }));
}

/** The sinks are no stage of their own here: they count for the one before them. */
function isStageSettled({ topology, statuses, scaling }: SampledJob, stage: number): boolean {
  const hasOperator = stage > 0 && stage < sinkStage(topology);
  return topology.rescaling?.stage !== stage && !scaling.isUnderWay(stage) && placesOf(topology, stage).every((place) => isSettled(statuses.get(taskId(place)), hasOperator));
}

function isSettled(status: TaskStatus | undefined, hasOperator: boolean): boolean {
  if (status?.state === 'finished') return true;
  return status?.state === 'running' && (!hasOperator || status.groups.length > 0);
}

function wishOf({ plan }: Topology, runningMs: number): Pick<StageSample, 'wantedTuplesPerSecond'> {
  const { rate } = plan.source;
  return rate === undefined ? {} : { wantedTuplesPerSecond: new RateSchedule(rate).rateAt(runningMs) };
}
