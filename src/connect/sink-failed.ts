import { errnoOf, RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** SINK_FAILED for a failed system call on `path`, the path that the user knows. */
export function sinkFailed(path: string, error: unknown): RainstormError {
  const hint = FULL.has(errnoOf(error) ?? '') ? { hint: 'Free some space there, or choose another --dest.' } : {};
  return new RainstormError('SINK_FAILED', `cannot write ${path}: ${reasonOf(error)}`, { cause: error, ...hint });
}
