/** The ways in which a store fails, in words for the one who has to do something about it. */
import { errnoOf, RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** `by`: the attempt that has it now, 0 when the log was removed, undefined when that is not known. */
export function logFenced(name: string, attempt: number, by?: number): RainstormError {
  const loss = by === 0 ? 'it was removed' : `attempt ${by ?? 'of another process'} has taken it over`;
  return new RainstormError('LOG_FENCED', `attempt ${attempt} may not write to the log ${name}: ${loss}`);
}

/** `where`: the store, as the user knows it. */
export function storeFull(where: string, limitBytes: number, usedBytes: number, wantedBytes: number): RainstormError {
  return new RainstormError(
    'STORE_FULL',
    `the store ${where} holds ${usedBytes} bytes; ${wantedBytes} more would pass its limit of ${limitBytes}`,
    { hint: 'Give a greater --store-limit, make checkpoints more frequent, or remove jobs that are done with.' },
  );
}

/** `doing`: such as `write`; `error`: of the system call that failed. */
export function storeFailed(doing: string, path: string, error: unknown): RainstormError {
  const hint = FULL.has(errnoOf(error) ?? '') ? { hint: 'Free some space there, or choose another --store.' } : {};
  return new RainstormError('STORE_FAILED', `cannot ${doing} ${path}: ${reasonOf(error)}`, { cause: error, ...hint });
}

/** `what`: what is wrong, such as `record 17 does not match its checksum`. */
export function logCorrupt(path: string, atByte: number, what: string): RainstormError {
  return new RainstormError('LOG_CORRUPT', `the journal file ${path} is damaged at byte ${atByte}: ${what}`, {
    hint: 'Records that were confirmed are lost, so the job cannot go on exactly; start it anew. Check the disk, or whether a power failure hit a store without --durability host.',
  });
}
