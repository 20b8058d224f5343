import { getSystemErrorMessage } from 'node:util';
import { errnoOf, messageOf } from './errors.ts';

/** Why a system call failed, in the system's own words and without Node's wrapping: `no space left on device (ENOSPC)`. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === undefined || !(error instanceof Error) || !('errno' in error)) return messageOf(error);
  const reason = typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : undefined;
  return reason === undefined ? messageOf(error) : `${reason} (${code})`;
}
