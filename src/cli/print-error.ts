import { RainstormError } from '../base/errors.ts';

/** What a failure looks like on the screen: what was wrong and where, what to do, and an operator's last words. */
export function formatError(error: RainstormError, stderr: readonly string[] = []): string {
  const lines = [`rainstorm: ${error.message}`];
  if (stderr.length > 0) lines.push('  its last lines on stderr:', ...stderr.map((line) => `    ${line}`));
  if (error.hint !== undefined) lines.push(`  ${error.hint}`);
  return lines.join('\n');
}

/** Prints an expected failure and gives its exit status. A bug is thrown on, with its stack. */
export function reportError(error: unknown): number {
  if (!(error instanceof RainstormError)) throw error;
  process.stderr.write(`${formatError(error)}\n`);
  return error.exitStatus;
}
