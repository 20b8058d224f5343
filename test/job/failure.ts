import { RainstormError } from '../../src/base/errors.ts';

/** What a user would read: the code, the message and the hint of the `RainstormError` that `run` throws. */
export function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return [`${error.code} ${error.message}`, ...(error.hint === undefined ? [] : [`> ${error.hint}`])].join('\n');
  }
  throw new Error('nothing was thrown');
}
