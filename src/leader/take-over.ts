/** Taking a job over whose leader has died. */
import { RainstormError } from '../base/errors.ts';
import { checkDestination, resolveDestination } from '../connect/destination.ts';
import { lockDestination } from '../connect/destination-lock.ts';
import type { Submission } from '../control/schemas.ts';
import { jobFolder } from './job-folder.ts';
import { JobJournal, type JournaledJob } from './job-journal.ts';
import { readJobRecord } from './job-record.ts';
import type { PreparedJob } from './prepare-job.ts';
import { takeOverSource } from './take-over-source.ts';

export interface TakenOver {
  readonly journal: JobJournal;
  readonly journaled: JournaledJob;
  readonly prepared: PreparedJob;
}

/**
 * `keepWorkers`: the job's workers may live, the command with its stdin or stdout among them.
 * Throws UNKNOWN_JOB, NOT_RESUMABLE, DESTINATION_BUSY, or what its journal cannot be read for.
 */
export async function takeOver(dataDir: string, job: string, keepWorkers: boolean): Promise<TakenOver> {
  await refuseUnlessDied(dataDir, job);
  // What the job asks for stands in there; and a flush for each of a leader's few decisions is not noticed.
  const journal = await JobJournal.open(jobFolder(dataDir, job), 'host');
  try {
    return await readTakenOver(journal, job, keepWorkers);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function readTakenOver(journal: JobJournal, job: string, keepWorkers: boolean): Promise<TakenOver> {
  const journaled = await journal.read();
  if (journaled === undefined) throw notResumable(job, 'its leader died before it had written down what the job is', 'Run it anew.');
  const { plan, source, sink, store, notes, remarks, submission } = journaled.submitted;
  if (store === undefined) throw notResumable(job, 'with --delivery best-effort nothing was kept of it', 'Run it anew.');
  if (sink.kind === 'stdout' && !keepWorkers) throw notResumable(job, 'its stdout went with the command that had it', 'Run it anew; with --dest FILE a job can be resumed.');
  const mine = keepWorkers ? journaled : await takeOverSource(job, journaled);
  const lock = await lockAgain(submission);
  return { journal, journaled: mine, prepared: { plan, source, sink, store, notes, remarks, lock } };
}

async function refuseUnlessDied(dataDir: string, job: string): Promise<void> {
  const record = await readJobRecord(dataDir, job);
  if (record === undefined) throw new RainstormError('UNKNOWN_JOB', `there is no job ${job} in ${dataDir}`, { hint: 'rainstorm jobs lists them.' });
  if (record.standing === 'live') throw notResumable(job, `it lives, led by process ${record.leader.pid}`, 'rainstorm tasks shows it.');
  if (record.standing === 'ended') throw notResumable(job, `it has ended (${record.view.state})`, 'Run it anew.');
  if (record.standing !== 'died') throw notResumable(job, 'it was not led from this folder', 'Name the data folder of its leader: --data-dir FOLDER');
}

/** What stands at the destination by now may be this job's own result, so it is not looked at. */
async function lockAgain({ spec, job }: Submission): Promise<PreparedJob['lock']> {
  return lockDestination(await checkDestination(resolveDestination(spec.dest, spec.cwd), true), job);
}

function notResumable(job: string, why: string, hint: string): RainstormError {
  return new RainstormError('NOT_RESUMABLE', `job ${job} cannot be gone on with: ${why}`, { hint });
}
