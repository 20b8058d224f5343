/** What the leader says, in the shapes that its own routes are made from. Nothing is checked again here: page and leader are of one version. */
import type { HistoryView, PlanView } from '../../../src/control/views.ts';

export type { JobEvent } from '../../../src/control/job-event.ts';
export type { ExplainView, HistoryView, JobState, JobSummary, JobView, Mark, PlanView, ScaleRecord, ScaleReply, TaskView, WorkerView } from '../../../src/control/views.ts';

export type PlanStage = PlanView['stages'][number];
export type HistoryPoint = HistoryView['points'][number];
