/**
 * A job as one line of words without flags, in a fixed order:
 *
 *     rainstorm STAGES TASKS  OP ARG … OP ARG  SRC DEST  EXACTLY_ONCE AUTOSCALE INPUT_RATE LW HW
 *
 * STAGES pairs of OP and ARG, each stage with TASKS tasks. OP is an operator of ours, or any executable, which is given ARG as
 * a shell would give it. LW and HW are the tuples a second and task between which autoscaling keeps a stage.
 */
import { RainstormError } from '../base/errors.ts';
import { isOperator } from '../job/operator-catalog.ts';
import type { JobFlags } from '../launch/job-spec.ts';

/** Behind the operators. */
const REST = ['SRC', 'DEST', 'EXACTLY_ONCE', 'AUTOSCALE', 'INPUT_RATE', 'LW', 'HW'] as const;

const HINT = 'rainstorm STAGES TASKS OP ARG … SRC DEST EXACTLY_ONCE AUTOSCALE INPUT_RATE LW HW, as in rainstorm 2 3 filter Stop aggregate zone in.csv out true false 1000 0 0. rainstorm run --help shows the same with flags.';

/** What `run` would be asked for the same job. Throws USAGE. */
export function parsePositionalRun(words: readonly string[]): JobFlags {
  const [stages = '', tasks = '', ...others] = words;
  const count = wholeNumber('STAGES', stages);
  const each = wholeNumber('TASKS', tasks);
  const expected = 2 + 2 * count + REST.length;
  if (words.length !== expected) {
    throw mistake(`${count === 1 ? 'one stage has' : `${count} stages have`} ${count === 1 ? 'an operator and its argument' : `${count} operators with an argument each`}, so ${expected} words are needed, and there are ${words.length}`);
  }
  const [src = '', dest = '', exactlyOnce = '', autoscale = '', inputRate = '', lw = '', hw = ''] = others.slice(2 * count);
  const rate = numberAtLeastZero('INPUT_RATE', inputRate);
  return {
    stage: Array.from({ length: count }, (_, index) => stageFlag(others[2 * index] ?? '', others[2 * index + 1] ?? '', each)),
    src: [src],
    dest,
    delivery: isYes('EXACTLY_ONCE', exactlyOnce) ? 'exactly-once' : 'best-effort',
    // As fast as it can be read.
    ...(rate === 0 ? {} : { rate: inputRate }),
    ...scaling(isYes('AUTOSCALE', autoscale), numberAtLeastZero('LW', lw), numberAtLeastZero('HW', hw)),
  };
}

/** As `--stage` takes it. */
function stageFlag(operator: string, argument: string, tasks: number): string {
  if (!isOperator(operator)) return `${operator} ${argument} :${tasks}`;
  if (argument === '') return `${operator}:${tasks}`;
  // Between slashes it is a regular expression, which quotes would make a text.
  return `${operator}=${argument.startsWith('/') ? argument : quoted(argument)}:${tasks}`;
}

function quoted(text: string): string {
  return text.split("'").map((part) => `'${part}'`).join(`"'"`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MAX_COUNT) return value;
  throw mistake(`${name} is "${text}", which is no number from 1 to ${MAX_COUNT}`);
}

/** More stages or tasks than any job has; the real limits are told where the job is read. */
const MAX_COUNT = 1_000;

function numberAtLeastZero(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0) return value;
  throw mistake(`${name} is "${text}", which is no number`);
}

function isYes(name: string, text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  throw mistake(`${name} is "${text}", which is neither true nor false`);
}

/** Without autoscaling the two marks mean nothing, and are often both 0. */
function scaling(isAsked: boolean, lw: number, hw: number): JobFlags {
  if (lw > hw) throw mistake(`LW, ${lw}, is above HW, ${hw}`);
  if (!isAsked) return {};
  if (lw === hw) throw mistake(`LW and HW are both ${hw}, and autoscaling needs room between them`);
  return { autoscale: 'watermarks', lw, hw };
}

function mistake(message: string): RainstormError {
  return new RainstormError('USAGE', message, { hint: HINT });
}
