/** What a leader keeps of a job that has ended, and of those before it. */
import type { EventLog } from '../base/event-log.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { EndedViews } from './ended-views.ts';
import { writeEndedViews } from './ended-views.ts';
import { jobFolder, pruneJobs, removeLeaderFile, writeJobFile } from './job-folder.ts';
import { removeJobJournal } from './job-journal.ts';
import { isLive, readJobRecords } from './job-record.ts';
import type { JobView } from '../control/views.ts';
import type { KeepLimits } from './keep-limits.ts';

export interface EndedJob {
  readonly dataDir: string;
  readonly view: JobView;
  readonly views: EndedViews;
}

/** Writes down what it was and how it ended. Throws system errors. */
export async function keepEnded({ dataDir, view, views }: EndedJob, log: Pick<EventLog, 'text'>): Promise<void> {
  const folder = jobFolder(dataDir, view.job);
  // In this order: who finds the job's end finds all of it, and who finds no leader's file takes what the job's file says.
  await writeEndedViews(folder, views).catch((error: unknown) => log.text('NOTE', `the views of job ${view.job} could not be kept: ${reasonOf(error)}`));
  await writeJobFile(folder, view);
  await removeLeaderFile(folder);
  await removeJobJournal(folder);
}

/** Removes the oldest, of those of all leaders in this folder; the one that has just ended stays. */
export async function pruneEnded(dataDir: string, justEnded: string, { jobs, bytes }: KeepLimits, log: Pick<EventLog, 'text'>): Promise<void> {
  // Other leaders may have live jobs in the same folder, and start more at any moment.
  const over = (await readJobRecords(dataDir)).filter((record) => !isLive(record) && record.job !== justEnded);
  const names = new Set(over.map((record) => record.job));
  // The one that has just ended is one of those kept.
  const removed = await pruneJobs(dataDir, { jobs: Math.max(0, jobs - 1), bytes }, (job) => !names.has(job));
  for (const { problem } of removed) if (problem !== undefined) log.text('NOTE', problem);
}
