/** A case's times in one round: first the reference, then ours, so that both meet the same machine. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case } from './cases.ts';
import { timeShell, type Times } from './measure.ts';

/** What `npm run build` makes: the command as users have it. */
export const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

const REFERENCE_RESULT = 'reference.out';
const RESULT = 'result.csv';

export interface Round {
  readonly ours: Times;
  readonly reference: Times | undefined;
}

/** Throws when the two results differ. `inputs`: the file of each kind of input, in `folder`. */
export async function runRound(one: Case, folder: string, inputs: Readonly<Record<Case['input'], string>>): Promise<Round> {
  const input = inputs[one.input];
  const reference = one.reference === undefined ? undefined : await timeReference(one.reference, folder, input);
  rmSync(join(folder, RESULT), { force: true });
  const ours = await timeShell(argvOf(one, input).map(quoted).join(' '), folder);
  if (reference !== undefined) compare(one, folder);
  return { ours, reference };
}

export function argvOf(one: Case, input: string): string[] {
  const logs = one.run.includes('--log-tuples') ? [] : ['--log-tuples', 'off'];
  return [process.execPath, MAIN, 'run', ...one.run, '--src', input, '--dest', RESULT, '--overwrite', '--quiet', ...logs];
}

/** On one core, as a pipe of programs that take turns. */
function timeReference(line: string, folder: string, input: string): Promise<Times> {
  return timeShell(`IN=${quoted(input)} OUT=${REFERENCE_RESULT} taskset -c 0 bash -c ${quoted(line)} > ${REFERENCE_RESULT}`, folder);
}

function compare({ name }: Case, folder: string): void {
  const [expected, result] = [REFERENCE_RESULT, RESULT].map((file) => readFileSync(join(folder, file)));
  if (expected === undefined || result === undefined || expected.equals(result)) return;
  // Counts come in any order; where that is not all, a result of this length has no business to differ.
  const sorted = (bytes: Buffer) => bytes.toString('latin1').split('\n').toSorted().join('\n');
  if (expected.length !== result.length || sorted(expected) !== sorted(result)) throw new Error(`case ${name}: the result differs from the reference's`);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
