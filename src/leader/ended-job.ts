/**
 * What a leader does on its disk when a job has ended: it writes the end down, and takes away what is too old.
 *
 * The folder is the user's, who may remove it at any time, and its disk may be full: then the log says so. The job has ended all
 * the same, and the leader may have others.
 */
import { RainstormError, errnoOf } from '../base/errors.ts';
import type { EventLog } from '../base/event-log.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { JobView } from '../control/views.ts';
import { writeEndedViews, type EndedViews } from './ended-views.ts';
import { jobFolder, pruneJobs, removeLeaderFile, writeJobFile } from './job-folder.ts';
import { removeJobJournal } from './job-journal.ts';
import { isLive, readJobRecords } from './job-record.ts';
import type { KeepLimits } from './keep-limits.ts';

interface LeaderDisk {
  readonly dataDir: string;
  readonly keep: KeepLimits;
  readonly log: Pick<EventLog, 'text'>;
}

interface EndedJob {
  readonly view: JobView;
  readonly views: EndedViews;
}

/** What it was, and how it ended. Where that cannot be written, a leader that goes on with the job finds it in the journal. */
export async function recordEnd({ view, views }: EndedJob, { dataDir, log }: LeaderDisk): Promise<void> {
  const folder = jobFolder(dataDir, view.job);
  // Before the end itself: who finds that finds all of it.
  await orNote(log, `the views of job ${view.job} cannot be kept in ${folder}`, () => writeEndedViews(folder, views));
  await orNote(log, `the end of job ${view.job} cannot be written down in ${folder}`, async () => {
    // In this order: who finds no leader's file takes what the job's file says for its end.
    await writeJobFile(folder, view);
    await removeLeaderFile(folder);
    await removeJobJournal(folder);
  });
}

/** Removes the oldest ended jobs, as far as the limits want it. `ended`: the one that has just ended is one of those kept. */
export async function pruneBeside(ended: string, { dataDir, keep, log }: LeaderDisk): Promise<void> {
  await orNote(log, `ended jobs cannot be removed from ${dataDir}`, async () => {
    // Other leaders may have live jobs in the same folder, and start more at any moment.
    const over = (await readJobRecords(dataDir)).filter((record) => !isLive(record) && record.job !== ended);
    const names = new Set(over.map((record) => record.job));
    const removed = await pruneJobs(dataDir, { jobs: Math.max(0, keep.jobs - 1), bytes: keep.bytes }, (job) => !names.has(job));
    for (const { problem } of removed) if (problem !== undefined) log.text('NOTE', problem);
  });
}

async function orNote(log: LeaderDisk['log'], what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof RainstormError) && errnoOf(error) === undefined) throw error;
    log.text('NOTE', `${what}: ${reasonOf(error)}`);
  }
}
