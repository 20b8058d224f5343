/**
 * A folder of part files as the leader sees it. The parts themselves are written and renamed by the tasks' sinks.
 *
 * The order at the end of a job: `unpublishFolder`, then every task publishes its part, then `publishFolder`. So
 * `_SUCCESS` stands there exactly as long as all parts are of one job. Only names of our own form are ever removed.
 */
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import { isPartialName, partIndex, SUCCESS_NAME } from './part-name.ts';
import { sinkFailed } from './sink-failed.ts';

/** Makes the folder before the tasks start. Gives whether it was missing, for `abandonFolder`. Throws SINK_FAILED. */
export async function prepareFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw sinkFailed(path, error);
  }
}

/** Takes back the promise that an older job made for the folder, before its first part is replaced. Throws SINK_FAILED. */
export async function unpublishFolder(path: string): Promise<void> {
  await removeFile(join(path, SUCCESS_NAME));
}

/**
 * All `parts` parts are published: removes older jobs' parts beyond them and what they left half written, then writes
 * `_SUCCESS`. Throws SINK_FAILED.
 */
export async function publishFolder(path: string, parts: number): Promise<void> {
  for (const name of await namesIn(path)) {
    const index = partIndex(name);
    if (isPartialName(name) || (index !== undefined && index >= parts)) await removeFile(join(path, name));
  }
  const success = join(path, SUCCESS_NAME);
  await writeFile(success, '').catch((error: unknown) => {
    throw sinkFailed(success, error);
  });
}

/** The job failed, and its parts are abandoned: removes the folder if `prepareFolder` made it and nothing is in it. */
export async function abandonFolder(path: string, made: boolean): Promise<void> {
  if (!made) return;
  try {
    await rmdir(path);
  } catch (error) {
    // macOS says EEXIST for a folder that is not empty, as POSIX allows.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) throw sinkFailed(path, error);
  }
}

async function namesIn(path: string): Promise<string[]> {
  return await readdir(path).catch((error: unknown) => {
    throw sinkFailed(path, error);
  });
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw sinkFailed(path, error);
  });
}
