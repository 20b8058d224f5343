import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import { pruneJobs } from '../leader/job-folder.ts';
import { readJobRecords } from '../leader/job-record.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';

/**
 * Keeps the limits for what a worker has left in its data folder of ended jobs that were led from elsewhere; those that a
 * leader keeps there are left to it. What cannot be removed is said on stderr: no job is worse for it.
 */
export async function pruneShares(dataDir: string, keep: KeepLimits): Promise<void> {
  try {
    const left = new Set((await readJobRecords(dataDir)).filter(({ standing }) => standing === 'left').map(({ job }) => job));
    await pruneJobs(dataDir, keep, (job) => !left.has(job));
  } catch (error) {
    if (!(error instanceof RainstormError) && errnoOf(error) === undefined) throw error;
    process.stderr.write(`rainstorm: what is left of ended jobs in ${dataDir} could not be removed: ${messageOf(error)}\n`);
  }
}
