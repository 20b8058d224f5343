/** Which job a command is about: the one live job of the data folder, or the one that the user names. */
import { RainstormError } from '../base/errors.ts';
import { ControlClient } from '../control/client.ts';
import { nearestName } from '../job/suggest.ts';
import type { LeaderFile } from '../leader/job-folder.ts';
import { readJobRecord, readJobRecords, type JobRecord } from '../leader/job-record.ts';

/** Ended jobs named where no job is live; more would hide what to do. */
const NAMED_ENDED_JOBS = 3;

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
  const found = asFound(await chooseJob(options));
  if (found !== undefined) return found;
  const { dataDir, job } = options;
  const records = await readJobRecords(dataDir);
  if (job === undefined) throw noLiveJob(dataDir, records);
  throw new RainstormError('NO_LIVE_JOB', `job ${job} is not live: ${stateOf(records, job)}`, { hint: 'rainstorm jobs lists live and ended jobs.' });
}

/** The named job, live or not, else the one live job, else undefined. Throws UNKNOWN_JOB, or USAGE when several are live. */
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

/** Undefined for a job that is not live. */
export function asFound(record: JobRecord | undefined): FoundJob | undefined {
  if (record?.standing !== 'live') return undefined;
  const { job, leader } = record;
  return { job, leader, client: new ControlClient(leader.url, leader.token) };
}

export function noLiveJob(dataDir: string, records: readonly JobRecord[]): RainstormError {
  const problems = records.flatMap((record) => record.problems);
  const last = records.slice(0, NAMED_ENDED_JOBS).map((record) => `${record.job} (${record.view?.state ?? record.standing})`);
  const hint = records.length === 0
    ? 'rainstorm run starts one; --data-dir names another folder.'
    : `The last ones were ${last.join(', ')}. rainstorm jobs lists all.`;
  return new RainstormError('NO_LIVE_JOB', `no live job in ${dataDir}`, { hint: [hint, ...problems].join(' ') });
}

function stateOf(records: readonly JobRecord[], job: string): string {
  const record = records.find((other) => other.job === job);
  if (record?.standing === 'ended') return `it has ended (${record.view.state})`;
  if (record?.standing === 'died') return 'its leader has died';
  return ['nothing is known of a leader', ...(record?.problems ?? [])].join('; ');
}

async function failUnknown(dataDir: string, job: string): Promise<never> {
  const names = (await readJobRecords(dataDir)).map((record) => record.job);
  const near = nearestName(job, names);
  throw new RainstormError('UNKNOWN_JOB', `there is no job ${job} in ${dataDir}`, {
    hint: near === undefined ? 'rainstorm jobs lists them.' : `Did you mean ${near}? rainstorm jobs lists all.`,
  });
}
