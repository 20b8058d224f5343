/**
 * What the leader keeps of a job on disk: `<data-dir>/jobs/<job>/leader.json`, by which other commands find it while it
 * lives, and `job.json`, what it was and how it ended.
 */
import type { Dirent } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import type { KeepLimits } from './keep-limits.ts';
import { removeJob, type RemovedJob } from './remove-job.ts';

/** A job takes a folder or two away as it ends; more looks than that see the same. */
const MAX_LOOKS = 5;

const leaderFile = z.object({ url: z.string(), token: z.string(), pid: z.int(), startTime: z.string().optional() });
export type LeaderFile = z.infer<typeof leaderFile>;

export function jobFolder(dataDir: string, job: string): string {
  return join(dataDir, 'jobs', job);
}

/** Makes the data folder, which git is told to leave alone. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  await mkdir(join(dataDir, 'jobs'), { recursive: true });
  await writeFile(join(dataDir, '.gitignore'), '*\n', { flag: 'wx' }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
}

/** Readable by its owner only: whoever has the token can start commands. */
export async function writeLeaderFile(folder: string, leader: LeaderFile): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, 'leader.json'), `${JSON.stringify(leader, undefined, 2)}\n`, 0o600);
}

/** Undefined where there is none. Throws USAGE for a file that is none of ours. */
export async function readLeaderFile(folder: string): Promise<LeaderFile | undefined> {
  const path = join(folder, 'leader.json');
  try {
    return leaderFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new RainstormError('USAGE', `${path} cannot be read as a leader's file: ${reason}`, { hint: 'If no leader runs, remove it.', cause });
  }
}

export async function removeLeaderFile(folder: string): Promise<void> {
  await rm(join(folder, 'leader.json'), { force: true });
}

export async function writeJobFile(folder: string, content: unknown): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, 'job.json'), `${JSON.stringify(content, undefined, 2)}\n`, 0o644);
}

/** Removes the oldest jobs that `isLive` does not know, until both limits are kept. Gives those removed. */
export async function pruneJobs(dataDir: string, keep: KeepLimits, isLive: (job: string) => boolean): Promise<RemovedJob[]> {
  // Names begin with the time of their start, so the order of names is the order of age.
  const ended = (await readdir(join(dataDir, 'jobs'))).filter((job) => !isLive(job)).toSorted().toReversed();
  const removed: RemovedJob[] = [];
  let bytes = 0;
  for (const [index, job] of ended.entries()) {
    bytes += await folderBytes(jobFolder(dataDir, job));
    if (index < keep.jobs && bytes <= keep.bytes) continue;
    removed.push(await removeJob(job, jobFolder(dataDir, job)));
  }
  return removed;
}

/** What the files below a folder take together; 0 where there is no such folder. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await entriesBelow(folder);
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => sizeOf(join(entry.parentPath, entry.name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Folders below may vanish while they are looked at: a job that ends takes its journals away. */
async function entriesBelow(folder: string): Promise<Dirent[]> {
  for (let looks = 1; ; looks++) {
    try {
      return await readdir(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      if (looks === MAX_LOOKS) return [];
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Whoever reads the file sees the old content or the new, never half of it. */
export async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  const partial = `${path}.new`;
  await writeFile(partial, content, { mode });
  await rename(partial, path);
}
