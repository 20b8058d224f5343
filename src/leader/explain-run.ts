/** What limits a job that this leader runs or has run, from what its tasks last reported. */
import type { ExplainView, HistoryView } from '../control/views.ts';
import { RateSchedule } from '../job/rate-schedule.ts';
import { taskId } from '../job/task-id.ts';
import { sinkStage, stageNumbers, stageTasks } from '../job/topology.ts';
import { explainJob, type ExplainedStage } from './explain.ts';
import { isEndedState } from './job-record.ts';
import type { JobRun } from './job-run.ts';
import { nameOfStage } from './job-view.ts';
import { findStraggler } from './stragglers.ts';

/** `history` is asked for only where the job has ended. */
export function explainRun(run: JobRun, history: () => HistoryView): ExplainView {
  const numbers = stageNumbers(run.topology);
  const { rate } = run.topology.plan.source;
  const hasEnded = isEndedState(run.state);
  const ageMs = Date.now() - run.startedAt.getTime();
  const life = hasEnded ? history() : undefined;
  return explainJob({
    job: run.job,
    ageMs,
    state: run.state,
    stages: numbers.map((stage) => explainedStage(run, stage, life)),
    stragglers: hasEnded ? [] : numbers.flatMap((stage) => findStraggler(run, stage) ?? []),
    rescaling: run.topology.rescaling,
    wantedRate: rate === undefined ? undefined : new RateSchedule(rate).rateAt(ageMs),
  });
}

function explainedStage(run: JobRun, stage: number, history: HistoryView | undefined): ExplainedStage {
  return {
    stage,
    name: nameOfStage(run.topology, stage),
    kind: stage === 0 ? 'source' : stage === sinkStage(run.topology) ? 'sink' : 'operator',
    tasks: stageTasks(run.topology, stage).map((task) => {
      const status = run.statuses.get(taskId(task));
      return { index: task.index, state: status?.stalled === true ? 'stalled' : (status?.state ?? 'starting'), ...run.rates.of(task) };
    }),
    life: history === undefined ? undefined : lifeOf(history, stage),
  };
}

/** Undefined for a job that was over before anything was measured. */
function lifeOf({ points }: HistoryView, stage: number): ExplainedStage['life'] {
  const measured = points.flatMap(({ stages }) => stages.filter((point) => point.stage === stage));
  if (measured.length === 0) return undefined;
  const mean = (value: (point: (typeof measured)[number]) => number) => measured.reduce((sum, point) => sum + value(point), 0) / measured.length;
  return { busyShare: mean(({ busyShare }) => busyShare), blockedShare: mean(({ blockedShare }) => blockedShare) };
}
