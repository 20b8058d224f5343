/** One job: what it does now, what limits it, what happened to it, and what can be done. */
import type { JobView as View } from '../api/types.ts';
import { formatBytes, formatDuration, formatPercent, formatTime } from '../format.ts';
import { useJob } from '../live/job-feed.ts';
import { isEnded } from '../live/job-picture.ts';
import { Charts } from '../parts/charts.tsx';
import { EventList } from '../parts/event-list.tsx';
import { ExplanationNotice } from '../parts/explanation.tsx';
import { FailureNotice, Remarks } from '../parts/failure-notice.tsx';
import { CancelButton } from '../parts/job-actions.tsx';
import { useNow } from '../parts/link-state.tsx';
import { Pipeline } from '../parts/pipeline.tsx';
import { PlanTable } from '../parts/plan-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { TaskTable } from '../parts/task-table.tsx';
import { JOBS_LINK } from '../route.ts';
import { useTitle } from '../title.ts';

export function JobView({ job }: { readonly job: string }) {
  const feed = useJob(job);
  const nowMs = useNow();
  useTitle(job);
  const { view, missing, explanation, plan, history, tasks } = feed;
  return (
    <>
      <p class="crumbs"><a href={JOBS_LINK}>Jobs</a></p>
      <div class="title">
        <h1 class="title__name">{job}</h1>
        {view === undefined ? null : <StateBadge state={view.state} />}
        {view === undefined || isEnded(view.state) ? null : <div class="title__end"><CancelButton job={job} /></div>}
      </div>
      {missing === undefined ? null : <div class="notice notice--bad" role="alert"><p>{missing.message}</p>{missing.hint === undefined ? null : <p class="dim">{missing.hint}</p>}</div>}
      {view === undefined ? (missing === undefined ? <p class="empty">Asking the leader…</p> : null) : (
        <>
          <Facts view={view} nowMs={nowMs} />
          {view.failure === undefined ? null : <FailureNotice failure={view.failure} />}
          <Remarks view={view} />
          {explanation === undefined || isEnded(view.state) ? null : <ExplanationNotice explanation={explanation} />}
          <Pipeline picture={feed} />
          <div class="two">
            <Charts history={history} stages={view.stages} isOver={isEnded(view.state)} />
            <EventList job={job} marks={history.marks} nowMs={nowMs} />
          </div>
          {tasks.length === 0 ? null : <TaskTable tasks={tasks} isOver={isEnded(view.state)} />}
          {plan === undefined ? null : <PlanTable plan={plan} />}
        </>
      )}
    </>
  );
}

function Facts({ view, nowMs }: { readonly view: View; readonly nowMs: number }) {
  const startMs = Date.parse(view.startedAt);
  const endMs = view.endedAt === undefined ? undefined : Date.parse(view.endedAt);
  return (
    <dl class="facts">
      <div><dt>Started</dt><dd class="num">{formatTime(startMs, nowMs)}</dd></div>
      <div><dt>{endMs === undefined ? 'Running for' : 'Took'}</dt><dd class="num">{formatDuration((endMs ?? nowMs) - startMs)}</dd></div>
      <div class="facts__source"><dt>Source read</dt><dd><Progress view={view} /></dd></div>
      <div class="facts__long"><dt>Destination</dt><dd class="wrap">{view.dest}</dd></div>
    </dl>
  );
}

function Progress({ view }: { readonly view: View }) {
  const { sourceDoneBytes: done, sourceTotalBytes: total } = view;
  if (total === undefined || total === 0) return <span class="num" data-figure="source">{formatBytes(done)}</span>;
  return (
    <>
      <progress max={total} value={done} aria-label="of the source read" />
      <span class="num" data-figure="source">{formatPercent(done / total)} of {formatBytes(total)}</span>
    </>
  );
}
