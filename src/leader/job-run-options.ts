/** What a job's run is given by its leader. */
import type { Clock } from '../base/clock.ts';
import type { EventLog } from '../base/event-log.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import type { TaskRef } from '../job/task-id.ts';
import type { JobJournal } from './job-journal.ts';
import type { WorkerClient } from './job-workers.ts';
import type { PreparedJob } from './prepare-job.ts';
import type { WorkerKiller } from './worker-killer.ts';

export interface JobRunOptions {
  readonly job: string;
  readonly prepared: PreparedJob;
  readonly journal: JobJournal;
  readonly startedAt: Date;
  readonly log: Pick<EventLog, 'text'>;
  readonly clock: Clock;
  readonly connect: (worker: WorkerInfo) => WorkerClient;
  readonly killer: WorkerKiller;
  /** Removes what the job's tasks have written down. Throws STORE_FAILED. */
  readonly removeLogs: () => Promise<void>;
  /** Of some tasks only. Throws STORE_FAILED. */
  readonly removeLogsOf: (tasks: readonly TaskRef[]) => Promise<void>;
  /** Workers that take tasks when others were lost, at least one. Throws NO_WORKERS when none comes. */
  readonly liveWorkers: () => Promise<readonly WorkerInfo[]>;
  /** The command with the user's streams. */
  readonly edge: WorkerInfo | undefined;
  readonly dest: string;
  /** What is kept of the job. */
  readonly folder: string;
  /** Folder of the tuples that tasks leave out. */
  readonly deadLetters: string;
  /** The job has ended and everything of it is cleaned up. */
  readonly ended: () => Promise<void>;
}
