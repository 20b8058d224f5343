/** Whether a job whose every process is gone still has its input, where that could be read only once. */
import { RainstormError } from '../base/errors.ts';
import { isReadOnce } from '../connect/open-source.ts';
import { SourceJournal } from '../connect/source-journal.ts';
import { FIRST_GENERATION, logName, type TaskRef } from '../job/task-id.ts';
import { DiskStore } from '../log/disk-store.ts';
import type { JournaledJob, Submitted } from './job-journal.ts';

const SOURCE: TaskRef = { stage: 0, generation: FIRST_GENERATION, index: 0 };

/**
 * Gives what is journaled of a job, to be gone on with. Where its source can be read only once, the source's journal is taken
 * over for that, so that nobody writes to it any more, and the source's next attempt comes after this one.
 * Throws NOT_RESUMABLE where the journal has not the end of the input, or what it cannot be read for.
 */
export async function takeOverSource(job: string, journaled: JournaledJob): Promise<JournaledJob> {
  const { submitted, placed, ended } = journaled;
  const { source, store } = submitted;
  if (store === undefined || !isReadOnce(source)) return journaled;
  // All that is left to do is to end it, and its journals may be gone already.
  if (ended !== undefined) return journaled;
  // Nothing was read: a pipe is opened by whoever begins, but stdin was that of the command.
  if (placed === undefined && source.kind === 'files') return journaled;
  // It had finished.
  if (placed !== undefined && !placed.places.some(isSource)) return journaled;
  const { attempt, journal } = await openJournal(job, store);
  if (!journal.ended) throw notRecorded(job, source.kind === 'stdin' ? 'stdin' : 'source', journal);
  if (placed === undefined) return journaled;
  return { ...journaled, placed: { ...placed, places: placed.places.map((place) => (isSource(place) ? { ...place, attempt } : place)) } };
}

async function openJournal(job: string, options: NonNullable<Submitted['store']>): Promise<{ readonly attempt: number; readonly journal: SourceJournal }> {
  const store = await DiskStore.open(options);
  const name = logName(job, SOURCE);
  const attempt = (await store.owner(name)) + 1;
  const log = await store.open(name, attempt);
  try {
    return { attempt, journal: await SourceJournal.open(log) };
  } finally {
    await log.close();
  }
}

function isSource(place: { readonly stage: number }): boolean {
  return place.stage === SOURCE.stage;
}

function notRecorded(job: string, what: string, { recorded }: SourceJournal): RainstormError {
  const { tuples, bytes } = recorded;
  return new RainstormError('NOT_RESUMABLE', `job ${job} cannot be gone on with: its ${what} had not ended when it went with the process that read it; ${tuples} tuples (${bytes} bytes) of it are recorded, and what came behind them is lost`, {
    hint: 'Run it anew, with the whole input. Once the input has ended a job can be resumed, and at any time with --src FILE.',
  });
}
