/** Which tests kill whom where: the rows of a table, and what is made of them. */
import type { CrashOptions } from './crash-job.ts';
import type { Crash, Victim } from './crash-plan.ts';
import type { Pipeline } from './pipelines.ts';
import type { PointName } from './points.ts';

export interface Row {
  readonly at: PointName;
  readonly on: Pipeline;
  readonly task?: string;
  readonly midway?: boolean;
  /** The first is killed in each run of the tests, the others, and each twice in a row, in long runs. */
  readonly kills: readonly [Victim, ...Victim[]];
  readonly options?: CrashOptions;
  /** Only in long runs: much like another one. */
  readonly longOnly?: boolean;
}

/** Crashes one after the other, or in several places. */
export interface Sequence extends Pick<Row, 'on' | 'options' | 'longOnly'> {
  readonly name: string;
  readonly crashes: readonly Crash[];
}

export interface Case {
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly crashes: readonly Crash[];
  readonly options: CrashOptions;
}

/** All combinations. */
const IS_LONG = Number(process.env['RAINSTORM_TEST_LONG'] ?? 0) > 0;

export function casesOf(rows: readonly Row[]): Case[] {
  return rows.filter(isDue).flatMap(({ kills, ...row }) => (IS_LONG ? kills : kills.slice(0, 1)).flatMap((victim) => (IS_LONG ? [1, 2] : [1]).map((times) => caseOf(row, victim, times))));
}

export function sequencesOf(sequences: readonly Sequence[]): Case[] {
  return sequences.filter(isDue).map(({ on, options = {}, ...rest }) => ({ ...rest, pipeline: on, options }));
}

function isDue({ longOnly }: { readonly longOnly?: boolean }): boolean {
  return IS_LONG || longOnly !== true;
}

function caseOf({ at, on, task, midway = false, options = {} }: Omit<Row, 'kills'>, victim: Victim, times: number): Case {
  const crash: Crash = { at, victim, midway, ...(task === undefined ? {} : { task }) };
  // Not each moment comes again once the rest of the input is there.
  const again: Crash = { ...crash, midway: false, after: 0, optional: true };
  return { name: `${at}: ${nameOf(victim)}${times > 1 ? ', and again' : ''} (${on.name}${task === undefined ? '' : `, task ${task}`})`, pipeline: on, crashes: times > 1 ? [crash, again] : [crash], options: { args: placeArgs(victim), ...options } };
}

/** Where all workers live on, one is enough. */
function placeArgs(victim: Victim): readonly string[] {
  return typeof victim === 'object' || victim === 'operator' ? ['--workers', '1'] : [];
}

function nameOf(victim: Victim): string {
  return typeof victim === 'object' ? `process ${victim.member + 1} of the chain` : { process: 'the worker', operator: 'the operator', operators: 'all operators', workers: 'all workers', everything: 'everything' }[victim];
}
