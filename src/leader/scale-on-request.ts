/** What somebody who asks for another number of tasks may ask for. */
import { RainstormError } from '../base/errors.ts';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import type { JobState, ScaleReply } from '../control/views.ts';
import type { StagePlan } from '../job/plan.ts';
import { sinkStage } from '../job/topology.ts';
import { scaleStage, type ScalableJob } from './scale-stage.ts';

export type RequestedJob = ScalableJob & { readonly state: JobState };

/**
 * `stage` as `tasks` shows it, or as the user has counted it where it runs in one with others. Throws UNKNOWN_STAGE, USAGE for
 * a number of tasks that no stage can have, NOT_SCALABLE, and what else is in the way.
 */
export async function scaleOnRequest(job: RequestedJob, stage: number, tasks: number): Promise<ScaleReply> {
  const plan = stageMeant(job, stage);
  if (!Number.isInteger(tasks) || tasks < 1 || tasks > MAX_TASKS_PER_STAGE) {
    throw new RainstormError('USAGE', `${tasks} tasks are not possible`, { hint: `A stage has 1 to ${MAX_TASKS_PER_STAGE} tasks.` });
  }
  if (job.state !== 'running') {
    throw new RainstormError('NOT_SCALABLE', `job ${job.job} is not running: it is ${job.state}`, { hint: 'The number of tasks can be changed from when they run until all of them have finished.' });
  }
  const { number, name, tasks: from } = plan;
  await scaleStage(job, { stage: number, from, to: tasks, reason: 'on request' });
  return { job: job.job, stage: number, name, from, to: tasks };
}

function stageMeant({ job, topology }: RequestedJob, stage: number): StagePlan {
  const { stages } = topology.plan;
  const plan = stages.find(({ number }) => number === stage)
    ?? stages.find(({ number, asked = number, first = number }) => first <= stage && stage <= asked);
  if (plan !== undefined) return plan;
  const hint = `Its stages: ${stages.map(({ number, name }) => `${number} (${name})`).join(', ')}.`;
  if (stage === 0) throw new RainstormError('NOT_SCALABLE', 'stage 0 is the source, which has one task', { hint });
  if (stage === sinkStage(topology)) throw new RainstormError('NOT_SCALABLE', `stage ${stage} is the sink, whose tasks follow from the destination`, { hint });
  throw new RainstormError('UNKNOWN_STAGE', `job ${job} has no stage ${stage}`, { hint });
}
