/** `rainstorm clean`: removes what is left of jobs that have ended. */
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { folderBytes, pruneJobs } from '../leader/job-folder.ts';
import { isLive, readJobRecords, type JobRecord } from '../leader/job-record.ts';
import { formatBytes } from './progress.ts';
import { Terminal } from './terminal.ts';

export interface CleanJobsOptions {
  readonly dataDir: string;
  /** Folders too of which nothing tells whether their job still lives. */
  readonly all?: boolean | undefined;
  /** Ended jobs to keep, the newest first; with `keepBytes` alone as many as fit, with neither none. */
  readonly keepJobs?: number | undefined;
  /** What the kept ones may take together. */
  readonly keepBytes?: number | undefined;
  readonly json: boolean;
}

interface Removed {
  readonly job: string;
  readonly bytes: number;
}

/** Never removes a live job. Throws USAGE when the folder cannot be read or a job's files cannot be removed. */
export async function cleanJobs(options: CleanJobsOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const { dataDir, all = false, json } = options;
  const records = await readJobRecords(dataDir);
  const unknown = records.filter((record) => record.standing === 'unknown');
  for (const problem of records.flatMap((record) => record.problems)) terminal.remark(problem);
  if (unknown.length > 0 && !all) terminal.remark(`kept, since nothing here tells whether they still run: ${unknown.map((record) => record.job).join(', ')}`);
  const removed = await remove(records.filter((record) => !isLive(record) && (all || record.standing !== 'unknown')), options, terminal);
  if (json) return terminal.printJson({ removed, bytes: sumOf(removed) });
  for (const { job, bytes } of removed) await terminal.print(`removed ${job}, ${formatBytes(bytes)}\n`);
  await terminal.print(removed.length === 0 ? 'nothing to remove\n' : `${removed.length} removed, ${formatBytes(sumOf(removed))} freed\n`);
}

async function remove(candidates: readonly JobRecord[], { dataDir, keepJobs, keepBytes }: CleanJobsOptions, terminal: Terminal): Promise<Removed[]> {
  if (candidates.length === 0) return [];
  const keep = { jobs: keepJobs ?? (keepBytes === undefined ? 0 : Number.POSITIVE_INFINITY), bytes: keepBytes ?? Number.POSITIVE_INFINITY };
  const bytes = new Map(await Promise.all(candidates.map(async ({ job, folder }) => [job, await folderBytes(folder)] as const)));
  try {
    // A job that has begun since is no candidate, and so is left alone.
    const jobs = await pruneJobs(dataDir, keep, (job) => !bytes.has(job));
    for (const { problem } of jobs) if (problem !== undefined) terminal.remark(problem);
    return jobs.map(({ job }) => ({ job, bytes: bytes.get(job) ?? 0 }));
  } catch (cause) {
    throw new RainstormError('USAGE', `cannot remove a job of ${dataDir}: ${reasonOf(cause)}`, { cause });
  }
}

function sumOf(removed: readonly Removed[]): number {
  return removed.reduce((sum, { bytes }) => sum + bytes, 0);
}
