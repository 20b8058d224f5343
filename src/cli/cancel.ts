/** `rainstorm cancel`: ends a live job; nothing of it becomes visible at its destination. */
import { RainstormError } from '../base/errors.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { JobState } from '../control/views.ts';
import { isEndedState, readJobRecord } from '../leader/job-record.ts';
import { findJob, type FindJobOptions, type FoundJob } from './find-job.ts';
import { Terminal } from './terminal.ts';

export interface CancelJobOptions extends FindJobOptions {
  readonly json: boolean;
}

/** The leader answers when every worker has ended its share, and gives up on one that is away after 10 s. */
const CANCEL_TIMEOUT_MS = 30_000;

/** The leader is asked again after this long at the latest, so that one that has died is noticed. */
const LOOK_MS = 2_000;

/** Resolves when the job has ended. Throws NOT_CANCELLED when it ended otherwise; NO_LIVE_JOB, UNKNOWN_JOB, USAGE, UNREACHABLE. */
export async function cancelJob(options: CancelJobOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const found = await findJob(options);
  const { job } = found;
  const state = await cancelled(found, options.dataDir);
  if (state !== 'cancelled') {
    throw new RainstormError('NOT_CANCELLED', `job ${job} was not cancelled: it has ended (${state})`, {
      hint: 'A job whose result is just being put in place runs to its end.',
    });
  }
  if (options.json) return terminal.printJson({ job, state });
  await terminal.print(`cancelled job ${job}\n`);
}

/** Gives how the job ended. */
async function cancelled({ job, client }: FoundJob, dataDir: string): Promise<JobState> {
  const params = { job };
  try {
    await client.call(leaderRoutes.cancel, undefined, { params, timeoutMs: CANCEL_TIMEOUT_MS });
    for (let query: Record<string, string> = {}; ;) {
      const { state } = await client.call(leaderRoutes.job, undefined, { params, query });
      if (isEndedState(state)) return state;
      query = { state, waitMs: String(LOOK_MS) };
    }
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    // The leader of a single job ends with it, often before its answer is read; the job's folder tells.
    const record = await readJobRecord(dataDir, job);
    if (record?.standing !== 'ended') throw error;
    return record.view.state;
  }
}
