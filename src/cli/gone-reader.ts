/** What becomes of a command whose reader goes away (`| head`), where nobody waits for what it writes. */
import { errnoOf } from '../base/errors.ts';
import { sinkFailed } from '../connect/sink-failed.ts';
import { reportError } from './print-error.ts';

/** What a shell reports of a program that died because nobody reads its output any more: 128 + SIGPIPE. */
export const EXIT_PIPE_CLOSED = 141;

/** Help and the like, behind which the command has nothing more to do. A reader that has gone ends it, as SIGPIPE would. */
export function printAndForget(text: string): void {
  if (process.stdout.listenerCount('error', endFor) === 0) process.stdout.on('error', endFor);
  process.stdout.write(text);
}

function endFor(error: Error): void {
  process.exit(errnoOf(error) === 'EPIPE' ? EXIT_PIPE_CLOSED : reportError(sinkFailed('stdout', error)));
}

/** Remarks that nobody reads are no reason to end: the job goes on, and its logs say more. Without a listener it would end. */
export function surviveWithoutStderr(): void {
  process.stderr.on('error', () => undefined);
}
