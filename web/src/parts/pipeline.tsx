/** A job drawn: its stages from source to sink, what flows between them, and their tasks on their workers. */
import type { PlanView, TaskView } from '../api/types.ts';
import { formatNumberOf } from '../format.ts';
import type { JobPicture } from '../live/job-picture.ts';
import { conditionOf, countConditions } from '../live/task-state.ts';
import { ConditionWord } from './condition.tsx';
import { StageCard } from './stage-card.tsx';

export function Pipeline({ picture }: { readonly picture: JobPicture }) {
  const { view, tasks, plan, explanation } = picture;
  if (view === undefined) return null;
  const last = Math.max(...view.stages.map(({ stage }) => stage));
  const byStage = Map.groupBy(tasks, (task) => task.stage);
  return (
    <section aria-labelledby="pipeline" class="block">
      <div class="block__head">
        <h2 id="pipeline">Pipeline</h2>
        <Legend tasks={tasks} last={last} />
      </div>
      <div class="pipeline-frame" role="region" tabIndex={0} aria-label="Stages from source to sink">
        <ol class="pipeline">
          {view.stages.map((stage, position) => (
            <li key={stage.stage} class="pipeline__step">
              <StageCard
                job={view.job} stage={stage} tasks={byStage.get(stage.stage) ?? []} plan={plan?.stages.find((other) => other.stage === stage.stage)}
                place={stage.stage === 0 ? 'source' : (stage.stage === last ? 'sink' : 'operator')} state={view.state} limits={explanation?.bottleneck === stage.stage}
              />
              {position === view.stages.length - 1 ? null : <Flow plan={plan} from={stage.stage} />}
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

const FLOW_WORDS = { 'key': 'by key', 'round-robin': 'spread', 'one-to-one': '1 : 1', 'single': '' } as const;

function Flow({ plan, from }: { readonly plan: PlanView | undefined; readonly from: number }) {
  const channel = plan?.channels.find((other) => other.from === from);
  const word = channel === undefined ? '' : FLOW_WORDS[channel.partition];
  const title = channel === undefined ? undefined : `${formatNumberOf(channel.count, 'channel')}${channel.within === 'file' ? '; only places in the file go through, whose tuples the tasks read themselves' : ''}`;
  return (
    <div class="flow" title={title}>
      <span class="flow__word">{word}</span>
      <svg class="flow__arrow" viewBox="0 0 40 10" aria-hidden="true" preserveAspectRatio="none"><path d="M0 5h38" /></svg>
      <svg class="flow__head" viewBox="0 0 8 12" aria-hidden="true"><path d="M1 1l6 5-6 5" /></svg>
    </div>
  );
}

/** What the signs mean, with how many tasks have each. */
function Legend({ tasks, last }: { readonly tasks: readonly TaskView[]; readonly last: number }) {
  const counts = countConditions(tasks.map((task) => conditionOf(task, task.stage > 0 && task.stage < last)));
  return <ul class="legend" aria-label="Tasks by what they do">{counts.map(([condition, count]) => <li key={condition}><span class="num">{count}</span> <ConditionWord condition={condition} /></li>)}</ul>;
}
