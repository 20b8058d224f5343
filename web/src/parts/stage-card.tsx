/** One stage: what it does, how much goes through it, where its tasks' time goes, and the tasks. */
import type { JobState, JobView, PlanStage, TaskView } from '../api/types.ts';
import { formatBytes, formatCount, formatExact, formatPercent, formatRate } from '../format.ts';
import { isEnded } from '../live/job-picture.ts';
import { LoadBar } from './load-bar.tsx';
import { ScaleButton } from './scale-button.tsx';
import { TaskCells } from './task-cells.tsx';

export interface StageCardProps {
  readonly job: string;
  readonly stage: JobView['stages'][number];
  readonly tasks: readonly TaskView[];
  readonly plan: PlanStage | undefined;
  readonly place: 'source' | 'operator' | 'sink';
  readonly state: JobState;
  /** It is what the others wait for. */
  readonly limits: boolean;
}

export function StageCard({ job, stage, tasks, plan, place, state, limits }: StageCardProps) {
  const isOver = isEnded(state);
  return (
    <article class={`stage${limits ? ' stage--limits' : ''}`} aria-label={`stage ${stage.stage}, ${stage.name}`} data-stage={stage.stage}>
      <header class="stage__head">
        <h3 class="stage__name" title={plan?.program ?? stage.name}><span class="stage__number num">{stage.stage}</span> {stage.name}</h3>
        {limits ? <span class="tag tag--limits">limits the job</span> : null}
      </header>
      {isOver ? <Totals stage={stage} place={place} /> : <Rates stage={stage} place={place} />}
      {place === 'operator' && !isOver ? (
        <div class="stage__load">
          <LoadBar busyShare={stage.busyShare} blockedShare={stage.blockedShare} />
          <span class="num">busy {formatPercent(stage.busyShare)}, blocked {formatPercent(stage.blockedShare)}</span>
        </div>
      ) : null}
      <div class="stage__tasks">
        <div class="stage__count"><span><span class="num">{stage.tasks}</span> task{stage.tasks === 1 ? '' : 's'}</span>{place === 'operator' && !isOver ? <ScaleButton job={job} stage={stage} scalable={plan?.scalable} /> : null}</div>
        <TaskCells tasks={tasks} isOperator={place === 'operator'} isOver={isOver} label={`tasks of stage ${stage.stage}`} />
      </div>
    </article>
  );
}

function Rates({ stage, place }: Pick<StageCardProps, 'stage' | 'place'>) {
  const main = place === 'source' ? stage.outRate : stage.inRate;
  return (
    <>
      <p class="stage__rate"><span class="num" data-figure="rate">{formatRate(main)}</span> <span class="dim">{place === 'source' ? 'out' : 'in'}</span></p>
      <dl class="figures">
        {place === 'operator' ? <div><dt>out</dt><dd class="num" data-figure="out-rate">{formatRate(stage.outRate)}</dd></div> : null}
        {place === 'operator' ? <div><dt>backlog</dt><dd class="num" data-figure="backlog">{formatBytes(stage.backlogBytes)}</dd></div> : null}
        <div><dt>total</dt><dd class="num" data-figure="total" title={formatExact(totalOf(stage, place))}>{formatCount(totalOf(stage, place))}</dd></div>
      </dl>
    </>
  );
}

/** Of what has ended there are no rates. */
function Totals({ stage, place }: Pick<StageCardProps, 'stage' | 'place'>) {
  return (
    <>
      <p class="stage__rate"><span class="num" data-figure="total" title={formatExact(totalOf(stage, place))}>{formatExact(totalOf(stage, place))}</span> <span class="dim">{place === 'source' ? 'out' : 'in'}</span></p>
      <dl class="figures">{place === 'operator' ? <div><dt>out</dt><dd class="num" data-figure="out-total">{formatExact(stage.outTuples)}</dd></div> : null}</dl>
    </>
  );
}

function totalOf(stage: StageCardProps['stage'], place: StageCardProps['place']): number {
  return place === 'source' ? stage.outTuples : stage.inTuples;
}
