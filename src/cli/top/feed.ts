/** What there is to show: asked of the leaders that the data folder names, whoever they are by now. */
import { RainstormError } from '../../base/errors.ts';
import type { ControlClient } from '../../control/client.ts';
import { leaderRoutes } from '../../control/routes.ts';
import { readJobRecord, readJobRecords } from '../../leader/job-record.ts';
import { foundJob } from '../find-job.ts';
import type { LiveRecord } from '../task-log.ts';
import { bottleneckOf, workersOf } from './may-be-missing.ts';
import type { News } from './news.ts';
import type { JobRow } from './state.ts';

/** Who takes longer to say how a job stands is not there for somebody who looks each second. */
const LOOK_TIMEOUT_MS = 3_000;

export class Feed {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** All live jobs, the newest first. */
  async jobs(): Promise<JobRow[]> {
    const live = (await readJobRecords(this.#dataDir)).filter((record) => record.standing === 'live');
    return await Promise.all(live.map(async ({ job, ...record }) => {
      const { client } = foundJob({ job, ...record });
      const view = await client.call(leaderRoutes.job, undefined, { params: { job }, timeoutMs: LOOK_TIMEOUT_MS }).catch(expected);
      return { job, view };
    }));
  }

  /** How a job stands, from its leader; or its end, from its folder; or that nobody answers. `nowMs`: since the epoch. */
  async job(job: string, nowMs: number): Promise<News> {
    const record = await readJobRecord(this.#dataDir, job);
    if (record?.standing === 'ended') return { kind: 'shown', shown: { view: record.view, tasks: [] } };
    if (record?.standing !== 'live') {
      const why = record?.standing === 'died' ? `it has died; rainstorm run --resume ${job} goes on` : 'nobody leads the job';
      return { kind: 'gone', atMs: nowMs, why: record === undefined ? 'the job has been removed' : why };
    }
    const { client } = foundJob(record);
    const options = { params: { job }, timeoutMs: LOOK_TIMEOUT_MS };
    try {
      const [view, tasks, sentence] = await Promise.all([
        client.call(leaderRoutes.job, undefined, options), client.call(leaderRoutes.tasks, undefined, options), bottleneckOf(client, job, LOOK_TIMEOUT_MS),
      ]);
      return { kind: 'shown', shown: { view, tasks, sentence } };
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      return { kind: 'gone', atMs: nowMs, why: error.message };
    }
  }

  /** Of the leader of a job. */
  async workers(job: string): Promise<News> {
    try {
      const workers = await workersOf(await this.clientOf(job), LOOK_TIMEOUT_MS);
      return { kind: 'workers', workers: workers ?? { missing: 'this leader is older than this command, and does not tell of its workers' } };
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      return { kind: 'workers', workers: { missing: error.message } };
    }
  }

  /** Throws NO_LIVE_JOB. */
  async clientOf(job: string): Promise<ControlClient> {
    return foundJob(await this.recordOf(job)).client;
  }

  /** Throws NO_LIVE_JOB. */
  async recordOf(job: string): Promise<LiveRecord> {
    const record = await readJobRecord(this.#dataDir, job);
    if (record?.standing === 'live') return record;
    throw new RainstormError('NO_LIVE_JOB', `job ${job} is not live`, { hint: 'rainstorm jobs lists live and ended jobs.' });
  }
}

function expected(error: unknown): undefined {
  if (!(error instanceof RainstormError)) throw error;
}
