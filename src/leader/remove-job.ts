/** Removing what is kept of a job that is over, or that nobody shall go on with any more. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { RainstormError } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { hasJobJournal, JobJournal } from './job-journal.ts';
import { ownStore, removeJobLogs } from './job-logs.ts';

export interface RemovedJob {
  readonly job: string;
  /** Why something of it is still there, elsewhere. */
  readonly problem: string | undefined;
}

/** Removes the job's folder, and before that what its tasks have written down in a store elsewhere: a job that died has left it. */
export async function removeJob(job: string, folder: string): Promise<RemovedJob> {
  const problem = await problemOf(() => removeLogsElsewhere(job, folder));
  await rm(folder, { recursive: true, force: true });
  return { job, problem: problem === undefined ? undefined : `journals of job ${job} may be left in its store: ${problem}` };
}

async function removeLogsElsewhere(job: string, folder: string): Promise<void> {
  const store = await storeOf(folder);
  if (store !== undefined && store.folder !== ownStore(folder) && existsSync(store.folder)) await removeJobLogs(job, store, folder);
}

/** As its leader's journal says; undefined for a job that has ended, which took its logs with it. */
async function storeOf(folder: string): Promise<Deployment['store']> {
  if (!hasJobJournal(folder)) return undefined;
  const journal = await JobJournal.open(folder);
  try {
    return (await journal.read())?.submitted.store;
  } finally {
    await journal.close();
  }
}

async function problemOf(action: () => Promise<void>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return error.message;
  }
}
