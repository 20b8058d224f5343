import { RainstormError } from '../base/errors.ts';
import type { EventLog } from '../base/event-log.ts';
import { workerRoutes } from '../control/routes.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import type { JobWorkers } from './job-workers.ts';

export interface CleanUp {
  readonly job: string;
  readonly workers: JobWorkers;
  readonly log: Pick<EventLog, 'text'>;
  /** Removes what the job's tasks have written down. Throws STORE_FAILED. */
  readonly removeLogs: () => Promise<void>;
}

/** Every worker is told to end its share of a job. One that cannot be told ends it by itself, when the leader no longer knows the job. */
export async function endShares({ job, workers, log }: Omit<CleanUp, 'removeLogs'>): Promise<void> {
  const endOn = async (info: WorkerInfo) => {
    try {
      await workers.client(info).call(workerRoutes.end, undefined, { params: { job }, query: workers.from });
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      log.text('NOTE', `worker ${info.worker} could not be told that the job has ended: ${error.message}`);
    }
  };
  await Promise.all(workers.all.map(endOn));
}

/** What cannot be removed is left for later. */
export async function removeJobLogs({ log, removeLogs }: Pick<CleanUp, 'log' | 'removeLogs'>): Promise<void> {
  try {
    await removeLogs();
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    log.text('NOTE', `what the tasks wrote down could not be removed: ${error.message}`);
  }
}
