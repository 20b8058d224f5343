/** Gives a stage of a running job another number of tasks, and says before and after what becomes of it. */
import { RainstormError } from '../base/errors.ts';
import { tasksOfStage, type Topology } from '../job/topology.ts';
import type { JobRunOptions } from './job-run-options.ts';
import type { JobScaling, ScaleChange } from './job-scaling.ts';

export interface ScalableJob {
  readonly job: string;
  /** As it is now. */
  readonly topology: Topology;
  readonly endedAt: Date | undefined;
  readonly scaling: JobScaling;
  readonly options: Pick<JobRunOptions, 'log' | 'clock'>;
  /** Resolves when it is done, or has been overtaken: by another number, or by the end of the stage's input or the job. Throws NOT_SCALABLE and what else is in the way. */
  scale(stage: number, tasks: number): Promise<void>;
}

/** Resolves when the stage has those tasks. Throws NOT_SCALABLE where it has others in the end, and what else is in the way. */
export async function scaleStage(job: ScalableJob, change: ScaleChange): Promise<void> {
  const { log, clock } = job.options;
  const { stage, from, to, reason } = change;
  const what = `job=${job.job} stage ${stage}: ${from} -> ${to}`;
  const number = job.scaling.begin(change, new Date());
  const begunAt = clock.now();
  log.text('SCALE', `${what}, ${reason}`);
  try {
    await job.scale(stage, to);
    checkOutcome(job, stage, to);
    job.scaling.done(number);
    log.text('SCALED', `${what}, took ${((clock.now() - begunAt) / 1000).toFixed(2)} s`);
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    job.scaling.refused(number, error.message);
    log.text('NOT-SCALED', `${what}: ${error.message}`);
    throw error;
  }
}

function checkOutcome({ job, topology, endedAt }: ScalableJob, stage: number, asked: number): void {
  const tasks = tasksOfStage(topology, stage);
  if (tasks === asked) return;
  const why = endedAt === undefined ? 'another number was asked for meanwhile, its input came to its end, or the job is ending' : `job ${job} has ended`;
  throw new RainstormError('NOT_SCALABLE', `stage ${stage} has not got ${asked} tasks, and has ${tasks}: ${why}`);
}
