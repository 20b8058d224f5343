/** One task: its figures, its log, and its death on request. */
import type { TaskView as View } from '../api/types.ts';
import { formatBytes, formatExact, formatPercent, formatRate } from '../format.ts';
import { useJob } from '../live/job-feed.ts';
import { isEnded, nameOfTask } from '../live/job-picture.ts';
import { conditionOf } from '../live/task-state.ts';
import { ConditionWord } from '../parts/condition.tsx';
import { KillTaskButton } from '../parts/job-actions.tsx';
import { LoadBar } from '../parts/load-bar.tsx';
import { LogPanel } from '../parts/log-panel.tsx';
import { JOBS_LINK, linkToJob, linkToTask } from '../route.ts';
import { useTitle } from '../title.ts';

export function TaskView({ job, task: name }: { readonly job: string; readonly task: string }) {
  const { view, tasks, missing } = useJob(job);
  useTitle(`${name} of ${job}`);
  const task = tasks.find((other) => nameOfTask(other) === name);
  const stage = tasks.filter((other) => other.stage === task?.stage);
  const last = Math.max(...tasks.map((other) => other.stage));
  const isOperator = task !== undefined && task.stage > 0 && task.stage < last;
  const isOver = view !== undefined && isEnded(view.state);
  return (
    <>
      <p class="crumbs"><a href={JOBS_LINK}>Jobs</a> <span aria-hidden="true">/</span> <a href={linkToJob(job)}>{job}</a></p>
      <div class="title">
        <h1 class="title__name">Task <span class="num">{name}</span>{task === undefined ? null : <span class="title__of"> {task.name}</span>}</h1>
        {task === undefined || isOver ? null : <ConditionWord condition={conditionOf(task, isOperator)} />}
        {view === undefined || isOver ? null : <div class="title__end"><KillTaskButton job={job} task={name} impossible={impossible(task, isOperator)} /></div>}
      </div>
      {missing === undefined ? null : <div class="notice notice--bad" role="alert"><p>{missing.message}</p></div>}
      {view !== undefined && task === undefined ? <p class="notice notice--warn">Job {job} has no task {name} now; its log may be there all the same.</p> : null}
      {task?.holdsBack === undefined ? null : <p class="notice notice--warn">{task.holdsBack}</p>}
      {task === undefined ? null : <Facts task={task} isOperator={isOperator} isOver={isOver} />}
      {task === undefined ? null : <Neighbours job={job} task={task} count={stage.length} />}
      {view === undefined ? null : <Log job={job} name={name} task={task} isOver={isOver} />}
    </>
  );
}

function Log({ job, name, task, isOver }: { readonly job: string; readonly name: string; readonly task: View | undefined; readonly isOver: boolean }) {
  if (isOver) return <LogPanel job={job} task={name} isLive={false} host="" />;
  if (task?.worker === '' || task?.state === 'starting') return <p class="empty">Its log begins when it starts.</p>;
  return <LogPanel job={job} task={name} isLive host={task?.worker ?? ''} />;
}

function impossible(task: View | undefined, isOperator: boolean): string | undefined {
  if (task === undefined) return 'There is no such task now';
  if (!isOperator) return 'A source or sink has no operator that could be killed';
  return task.pid === null ? 'Its operator does not run' : undefined;
}

function Facts({ task, isOperator, isOver }: { readonly task: View; readonly isOperator: boolean; readonly isOver: boolean }) {
  return (
    <dl class="facts">
      <div><dt>Worker</dt><dd data-figure="worker">{task.worker === '' ? 'none' : task.worker}</dd></div>
      <div><dt>{task.pids.length > 1 ? 'Pids' : 'Pid'}</dt><dd class="num" data-figure="pid">{task.pids.length === 0 ? 'none' : task.pids.join(', ')}</dd></div>
      <div><dt>Attempt</dt><dd class="num" data-figure="attempt">{task.attempt}</dd></div>
      {isOver ? null : (
        <>
          <div><dt>In</dt><dd class="num" data-figure="in">{formatRate(task.inRate)}</dd></div>
          <div><dt>Out</dt><dd class="num" data-figure="out">{formatRate(task.outRate)}</dd></div>
        </>
      )}
      {isOver || !isOperator ? null : (
        <>
          <div><dt>Backlog</dt><dd class="num" data-figure="backlog">{formatBytes(task.backlogBytes)}</dd></div>
          <div class="facts__load"><dt>Time</dt><dd><LoadBar busyShare={task.busyShare} blockedShare={task.blockedShare} /><span class="num">busy {formatPercent(task.busyShare)}, blocked {formatPercent(task.blockedShare)}</span></dd></div>
        </>
      )}
      {task.skippedTuples === 0 ? null : <div><dt>Left out</dt><dd class="num warn">{formatExact(task.skippedTuples)}</dd></div>}
      <div class="facts__long"><dt>Log file</dt><dd class="wrap"><code>{task.log}</code></dd></div>
    </dl>
  );
}

function Neighbours({ job, task, count }: { readonly job: string; readonly task: View; readonly count: number }) {
  if (count < 2) return null;
  const link = (index: number, word: string) => (index < 0 || index >= count ? null : <a href={linkToTask(job, nameOfTask({ stage: task.stage, index }))}>{word} {nameOfTask({ stage: task.stage, index })}</a>);
  return <nav class="neighbours" aria-label="Other tasks of the stage">{link(task.index - 1, '←')}{link(task.index + 1, '→')}</nav>;
}
