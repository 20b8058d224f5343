/** What can be told of a job from its folder, whoever led it: whether it lives, how it ended, or that its leader died. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';
import { reasonOf } from '../base/system-reason.ts';
import { shareStanding } from '../control/share-file.ts';
import { jobView, type JobState, type JobView } from '../control/views.ts';
import { jobFolder, readLeaderFile, type LeaderFile } from './job-folder.ts';

interface RecordBase {
  readonly job: string;
  readonly folder: string;
  /** Files that are there and cannot be read, each in one line. */
  readonly problems: readonly string[];
}

/**
 * `live`: its leader's process lives. `ended`: `view` says how. `died`: its leader is gone and has not written an end.
 * `hosted`, `left`: no leader ever wrote here, but workers did; one of them has a share of the job, or none has any more.
 * `unknown`: its files are broken, or nobody ever wrote here whether the job lives.
 * A `view` that says no end is as old as the job's start.
 */
export type JobRecord = RecordBase & (
  | { readonly standing: 'live'; readonly leader: LeaderFile; readonly view: JobView | undefined }
  | { readonly standing: 'ended'; readonly view: JobView }
  /** `leader`: as it was when it died. */
  | { readonly standing: 'died'; readonly view: JobView | undefined; readonly leader?: LeaderFile }
  | { readonly standing: 'hosted' | 'left' | 'unknown'; readonly view: JobView | undefined }
);

const ENDED_STATES: ReadonlySet<JobState> = new Set(['done', 'failed', 'cancelled']);

export function isEndedState(state: JobState): boolean {
  return ENDED_STATES.has(state);
}

/** Somebody works on it: nothing of it is to be removed. */
export function isLive({ standing }: JobRecord): boolean {
  return standing === 'live' || standing === 'hosted';
}

/** A word for how a job stands: its state, where that is known to be the last. */
export function stateOfRecord(record: JobRecord): JobState | Exclude<JobRecord['standing'], 'ended'> {
  return record.standing === 'ended' ? record.view.state : record.standing;
}

/** Every job in the data folder, the newest first; none where there is no such folder. Broken files are told, not thrown. */
export async function readJobRecords(dataDir: string): Promise<JobRecord[]> {
  const records = await Promise.all((await jobNames(dataDir)).map((job) => readJobRecord(dataDir, job)));
  // Names begin with the time of their start.
  return records.filter((record) => record !== undefined).toSorted((a, b) => (a.job < b.job ? 1 : -1));
}

/** Undefined where there is no such job. */
export async function readJobRecord(dataDir: string, job: string): Promise<JobRecord | undefined> {
  const folder = jobFolder(dataDir, job);
  if (!isFolderName(job) || !(await isFolder(folder))) return undefined;
  // In this order: a leader writes the end before it removes its own file.
  const leader = await attempt(() => readLeaderFile(folder));
  const view = await attempt(() => readJobFile(folder));
  const problems = [leader, view].flatMap((read) => (read.problem === undefined ? [] : [read.problem]));
  const base = { job, folder, problems, view: view.value };
  if (view.value !== undefined && isEndedState(view.value.state)) return { ...base, standing: 'ended', view: view.value };
  if (leader.value !== undefined) {
    const alive = isSameProcessAlive(leader.value.pid, leader.value.startTime);
    return alive ? { ...base, standing: 'live', leader: leader.value } : { ...base, standing: 'died', leader: leader.value };
  }
  if (leader.problem === undefined && view.value !== undefined) return { ...base, standing: 'died' };
  return { ...base, standing: problems.length > 0 ? 'unknown' : await shareStanding(folder) };
}

/** Undefined where there is none. Throws USAGE for a file that is none of ours. */
async function readJobFile(folder: string): Promise<JobView | undefined> {
  const path = join(folder, 'job.json');
  try {
    return jobView.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : reasonOf(cause);
    throw new RainstormError('USAGE', `${path} cannot be read as a job's file: ${reason}`, { cause });
  }
}

interface Read<T> {
  readonly value?: T | undefined;
  readonly problem?: string;
}

async function attempt<T>(read: () => Promise<T | undefined>): Promise<Read<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return { problem: messageOf(error).replaceAll(/\s*\n\s*/g, ' ') };
  }
}

async function jobNames(dataDir: string): Promise<string[]> {
  try {
    const entries = await readdir(join(dataDir, 'jobs'), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw new RainstormError('USAGE', `cannot look into ${join(dataDir, 'jobs')}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A name from the command line must not lead out of the folder of jobs. */
function isFolderName(job: string): boolean {
  return job !== '' && job !== '.' && job !== '..' && !/[/\0]/.test(job);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
