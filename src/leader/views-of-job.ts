/** All that a leader can show of a job that it has, but what changes as it is looked at. */
import type { PlanView } from '../control/views.ts';
import { explainRun } from './explain-run.ts';
import type { EndedViews } from './ended-views.ts';
import type { JobRun } from './job-run.ts';
import { viewOfTasks } from './job-view.ts';
import type { JobWatch } from './job-watch.ts';
import { viewOfPlan } from './plan-view.ts';

export function viewsOf(run: JobRun, watch: JobWatch): EndedViews {
  const history = watch.history();
  return { tasks: viewOfTasks(run), plan: planOf(run), history, explain: explainRun(run, () => history) };
}

export function planOf(run: JobRun): PlanView {
  const { source, sink, store } = run.options.prepared;
  return viewOfPlan({ job: run.job, topology: run.topology, source, sink, journals: store !== undefined });
}
