/** Which job a command is about: the one live job of the data folder, or the one that the user names. */
import { RainstormError } from '../base/errors.ts';
import { ControlClient } from '../control/client.ts';
import { nearestName } from '../job/suggest.ts';
import type { LeaderFile } from '../leader/job-folder.ts';
import { readJobRecord, readJobRecords, stateOfRecord, type JobRecord } from '../leader/job-record.ts';

/** Ended jobs named where no job is live; more would hide what to do. */
const NAMED_JOBS = 3;

export interface FindJobOptions {
  readonly dataDir: string;
  /** Undefined: the one live job. */
  readonly job?: string | undefined;
}

export interface FoundJob {
  readonly job: string;
  readonly client: ControlClient;
  readonly leader: LeaderFile;
}

/** Throws NO_LIVE_JOB, UNKNOWN_JOB, or USAGE when several jobs are live and none is named. */
export async function findJob(options: FindJobOptions): Promise<FoundJob> {
  const record = await chooseJob(options);
  if (record === undefined) throw noLiveJob(options.dataDir, await readJobRecords(options.dataDir));
  if (record.standing === 'live') return foundJob(record);
  const hint = record.standing === 'died' ? `rainstorm run --resume ${record.job} goes on with it.` : 'rainstorm jobs lists live and ended jobs.';
  throw new RainstormError('NO_LIVE_JOB', `job ${record.job} is not live: ${whyNotLive(record)}`, { hint });
}

/** The named job, live or not; else the one live job; else undefined. Throws UNKNOWN_JOB, or USAGE when several are live. */
export async function chooseJob({ dataDir, job }: FindJobOptions): Promise<JobRecord | undefined> {
  if (job !== undefined) return (await readJobRecord(dataDir, job)) ?? (await failUnknown(dataDir, job));
  const live = (await readJobRecords(dataDir)).filter((record) => record.standing === 'live');
  if (live.length > 1) {
    throw new RainstormError('USAGE', `${live.length} jobs are live in ${dataDir}: ${live.map((record) => record.job).join(', ')}`, {
      hint: 'Say which one you mean: --job JOB',
    });
  }
  return live[0];
}

export function foundJob({ job, leader }: JobRecord & { readonly standing: 'live' }): FoundJob {
  return { job, leader, client: new ControlClient(leader.url, leader.token) };
}

/** NO_LIVE_JOB, naming the newest of `records`, which are the data folder's. */
export function noLiveJob(dataDir: string, records: readonly JobRecord[]): RainstormError {
  const newest = records.slice(0, NAMED_JOBS).map((record) => `${record.job} (${stateOfRecord(record)})`);
  const hint = newest.length === 0
    ? 'rainstorm run starts one; --data-dir names another folder.'
    : `The newest of ${records.length}: ${newest.join(', ')}. rainstorm jobs lists them all.`;
  return new RainstormError('NO_LIVE_JOB', `no live job in ${dataDir}`, { hint: [hint, ...records.flatMap((record) => record.problems)].join(' ') });
}

function whyNotLive(record: JobRecord): string {
  if (record.standing === 'ended') return `it has ended (${record.view.state})`;
  if (record.standing === 'died') return 'its leader is gone without having written an end';
  return ['no leader is known', ...record.problems].join('; ');
}

async function failUnknown(dataDir: string, job: string): Promise<never> {
  const near = nearestName(job, (await readJobRecords(dataDir)).map((record) => record.job));
  throw new RainstormError('UNKNOWN_JOB', `there is no job ${job} in ${dataDir}`, {
    hint: near === undefined ? 'rainstorm jobs lists them.' : `Did you mean ${near}? rainstorm jobs lists them all.`,
  });
}
