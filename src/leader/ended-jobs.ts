/** Jobs of the data folder that have ended and that this leader did not run, or has let go. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import type { JobView } from '../control/views.ts';
import { parseTaskId } from '../job/task-id.ts';
import { readEndedViews, type EndedViews } from './ended-views.ts';
import { readJobRecord, readJobRecords, type JobRecord } from './job-record.ts';

/** A list of jobs names no more of them; each can still be asked for by its name. */
const MAX_LISTED = 100;

export class EndedJobs {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** The newest first, without those that are named. A job whose files are broken is left out. */
  async list(without: ReadonlySet<string>): Promise<JobView[]> {
    const records = await readJobRecords(this.#dataDir);
    return records.flatMap((record) => (record.standing === 'ended' && !without.has(record.job) ? [record.view] : [])).slice(0, MAX_LISTED);
  }

  /** Throws UNKNOWN_JOB for one that is not there or has not ended, USAGE where its files are broken. */
  async view(job: string): Promise<JobView> {
    return (await this.#find(job)).view;
  }

  /** As `view`. */
  async views(job: string): Promise<EndedViews> {
    return await readEndedViews((await this.#find(job)).folder);
  }

  /** Where the log of a task lies. As `view`, and UNKNOWN_TASK where it does not lie in the job's folder. */
  async logPath(job: string, task: string): Promise<string> {
    const { folder } = await this.#find(job);
    const path = join(folder, 'logs', `${task}.log`);
    if (parseTaskId(task) !== undefined && existsSync(path)) return path;
    throw new RainstormError('UNKNOWN_TASK', `there is no log of a task ${task} in ${join(folder, 'logs')}`, { hint: 'The logs of a worker with a data folder of its own lie there.' });
  }

  async #find(job: string): Promise<JobRecord & { readonly standing: 'ended' }> {
    const record = await readJobRecord(this.#dataDir, job);
    if (record?.standing === 'ended') return record;
    if (record !== undefined && record.problems.length > 0) throw new RainstormError('USAGE', `nothing can be said of job ${job}: ${record.problems.join('; ')}`);
    throw new RainstormError('UNKNOWN_JOB', `there is no job ${job} here${record === undefined ? '' : `: ${whyNotHere(record)}`}`, { hint: 'rainstorm jobs lists them.' });
  }
}

function whyNotHere(record: JobRecord): string {
  if (record.standing === 'live') return `it is led from ${record.leader.url}`;
  return record.standing === 'died' ? `its leader died; rainstorm run --resume ${record.job} goes on with it` : 'it was not led from this folder';
}
