import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import { taskId } from '../job/task-id.ts';
import type { GroupIdentity, TaskStatus } from '../job/task-status.ts';
import { sinkStage, type Topology } from '../job/topology.ts';
import type { JobPlacing } from './job-placing.ts';
import type { JobWorkers } from './job-workers.ts';
import type { PreparedJob } from './prepare-job.ts';
import { ProgressMark } from './progress-mark.ts';
import { whyLost } from './recoverable.ts';
import type { WorkerKiller } from './worker-killer.ts';

export interface WorkerLossesOptions {
  readonly job: string;
  readonly topology: Topology;
  readonly prepared: PreparedJob;
  readonly workers: JobWorkers;
  readonly placing: JobPlacing;
  readonly statuses: ReadonlyMap<string, TaskStatus>;
  readonly clock: Clock;
  readonly killer: WorkerKiller;
}

/** What is done about a job's workers that are gone, before others go on with what they hosted. */
export class WorkerLosses {
  readonly #options: WorkerLossesOptions;
  readonly #progress = new ProgressMark();

  constructor(options: WorkerLossesOptions) {
    this.#options = options;
  }

  /** A task's report: a loss after progress is bad luck, losses without any are a loop. */
  update(status: TaskStatus): void {
    this.#progress.update(status);
  }

  /**
   * Makes sure that a worker is dead and takes it from the job's workers, so that what it hosted can be placed again (J4).
   * Throws WORKER_LOST where the job cannot go on without it; then it is killed all the same.
   */
  async take(worker: WorkerInfo, why: string): Promise<void> {
    const { job, prepared, topology, placing, statuses, workers, clock, killer } = this.#options;
    const hosted = placing.placesOn(worker.worker);
    const isUnfinished = (place: { stage: number; index: number }) => place.stage === sinkStage(topology) || statuses.get(taskId(place))?.state !== 'finished';
    const reason = whyLost({
      ...prepared,
      worker,
      hostname: killer.hostname,
      unfinished: hosted.filter(isUnfinished),
      sinkStage: sinkStage(topology),
      withoutProgress: this.#progress.lost(),
    });
    killer.reap(worker, this.#groupsOn(worker));
    const dead = reason !== undefined || (await killer.seenDead(worker, clock));
    workers.remove(worker);
    killer.killOrphans(job, new Set(workers.all.map(({ pid }) => pid)));
    if (reason === undefined && dead) return;
    const problem = reason ?? `its process ${worker.pid} cannot be killed`;
    throw new RainstormError('WORKER_LOST', `worker ${worker.worker} ${why}; it hosted task ${hosted.map(taskId).join(', ')}, and ${problem}`);
  }

  /** Kills this machine's workers of the job and their operators, also those of which it was not told yet. Tells nobody. */
  killAll(): void {
    const { job, workers, killer } = this.#options;
    for (const worker of workers.all) killer.reap(worker, this.#groupsOn(worker));
    killer.killOrphans(job, new Set());
  }

  #groupsOn(worker: WorkerInfo): GroupIdentity[] {
    const { placing, statuses } = this.#options;
    return placing.placesOn(worker.worker).flatMap((place) => statuses.get(taskId(place))?.groups ?? []);
  }
}
