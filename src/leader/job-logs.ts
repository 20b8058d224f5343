import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { Deployment } from '../control/schemas.ts';
import { isLogOf, logName, type TaskRef } from '../job/task-id.ts';
import { DiskStore } from '../log/disk-store.ts';

/** Where a job's store lies if the job does not say. */
export function ownStore(jobFolder: string): string {
  return join(jobFolder, 'store');
}

/**
 * Removes what a job's tasks have written down, when nobody will go on with it: the job's own store as a whole, of one that it
 * shares with others its logs. Throws STORE_FAILED.
 */
export async function removeJobLogs(job: string, store: Deployment['store'], jobFolder: string): Promise<void> {
  if (store === undefined) return;
  if (store.folder === ownStore(jobFolder)) return await removeFolder(store.folder);
  const opened = await DiskStore.open(store);
  for (const name of await opened.names()) if (isLogOf(job, name)) await opened.remove(name);
}

/** Removes what some of a job's tasks have written down, when nobody will go on with those. Throws STORE_FAILED. */
export async function removeLogsOf(job: string, store: Deployment['store'], tasks: readonly TaskRef[]): Promise<void> {
  if (store === undefined) return;
  const opened = await DiskStore.open(store);
  for (const task of tasks) await opened.remove(logName(job, task));
}

async function removeFolder(folder: string): Promise<void> {
  try {
    // A worker that could not be told of the end may still write there for a moment.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (cause) {
    throw new RainstormError('STORE_FAILED', `the journals in ${folder} cannot be removed: ${reasonOf(cause)}`, { cause });
  }
}
