/** `rainstorm top`: a running job in a terminal, each second anew; or once as plain text. */
import { RainstormError } from '../base/errors.ts';
import { readJobRecords, type JobRecord } from '../leader/job-record.ts';
import { chooseJob, findJob, noLiveJob, type FindJobOptions } from './find-job.ts';
import { Terminal } from './terminal.ts';
import { Feed } from './top/feed.ts';
import { LiveView } from './top/live-view.ts';
import { jobsOnce, shownOnce } from './top/once.ts';
import type { Shown } from './top/state.ts';

export interface TopOptions extends FindJobOptions {
  /** Plain text, once, also on a terminal. */
  readonly once: boolean;
  readonly json: boolean;
}

/** Gives the exit status. Throws NO_LIVE_JOB, UNKNOWN_JOB, UNREACHABLE. */
export async function top(options: TopOptions, terminal: Terminal = new Terminal()): Promise<number> {
  const { dataDir, job, once, json } = options;
  const live = (await readJobRecords(dataDir)).filter(({ standing }) => standing === 'live');
  const several = job === undefined && live.length > 1;
  const record = several ? undefined : await chosen(options);
  if (!once && !json && isTerminal() && record?.standing !== 'ended') {
    const jobs = several ? await new Feed(dataDir).jobs() : undefined;
    const status = await new LiveView({ dataDir, job: record?.job, jobs }).run();
    // A rescale goes on if nobody waits for it, and whoever quits does not.
    process.exit(status);
  }
  if (record === undefined) {
    const jobs = await new Feed(dataDir).jobs();
    await (json ? terminal.printJson(jobs) : terminal.print(jobsOnce(jobs, Date.now())));
    return 0;
  }
  const shown = await shownNow(dataDir, record);
  await (json ? terminal.printJson(shown) : terminal.print(shownOnce(shown, Date.now())));
  return 0;
}

/** One that has ended is shown as it ended; one whose leader is gone cannot be. */
async function chosen(options: FindJobOptions): Promise<JobRecord> {
  const record = await chooseJob(options);
  if (record === undefined) throw noLiveJob(options.dataDir, await readJobRecords(options.dataDir));
  if (record.standing !== 'live' && record.standing !== 'ended') await findJob(options);
  return record;
}

async function shownNow(dataDir: string, { job }: JobRecord): Promise<Shown> {
  const news = await new Feed(dataDir).job(job, Date.now());
  if (news.kind === 'shown') return news.shown;
  throw new RainstormError('UNREACHABLE', `nothing is known of job ${job}: ${news.kind === 'gone' ? news.why : 'no answer'}`);
}

/** Keys come from the one and frames go to the other. */
function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
}
