/** What a job's processes are told about where they are to die. */
import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PointName } from './points.ts';

export type Victim =
  /** The process that comes to the point. */
  | 'process'
  /** The operator of the task that comes there, all processes of it. */
  | 'operator'
  /** One process of a chain, counted from 0. */
  | { readonly member: number }
  /** Every operator in that worker. */
  | 'operators'
  /** Every worker of the command. */
  | 'workers'
  /** The command and its workers. */
  | 'everything';

export interface Crash {
  readonly at: PointName;
  readonly victim: Victim;
  /** Only this task, such as 1-0; else whoever comes there. */
  readonly task?: string;
  /**
   * In the middle of the stream: not before the source has read some, and what it has read of the rest it keeps until this
   * has happened. Otherwise whenever somebody comes there.
   */
  readonly midway?: boolean;
  /** How often; once unless given. */
  readonly times?: number;
  /** It may come to it or not. */
  readonly optional?: boolean;
  /** Not before this other crash of the plan has happened, as often as it is to. */
  readonly after?: number;
}

export interface CrashPlan {
  /** Has a file for each crash that has happened. */
  readonly folder: string;
  readonly crashes: readonly Crash[];
}

export const PLAN_VARIABLE = 'RAINSTORM_TEST_CRASHES';

const PRELOAD = new URL('preload.ts', import.meta.url).href;

/** Where Node keeps what it has compiled unless told otherwise: this way also what is loaded before the command. */
const COMPILE_CACHE = join(tmpdir(), 'node-compile-cache');

/** The environment of a command that is to crash so. Makes the folder. */
export function crashEnvironment(plan: CrashPlan): Record<string, string> {
  mkdirSync(plan.folder, { recursive: true });
  return { NODE_OPTIONS: `--import=${PRELOAD}`, NODE_COMPILE_CACHE: COMPILE_CACHE, [PLAN_VARIABLE]: JSON.stringify(plan) };
}

/** The file that says that a crash has happened for the `time`th time, counted from 0. */
export function markOf({ folder }: CrashPlan, crash: number, time: number): string {
  return join(folder, `${crash}.${time}`);
}

/** The file that says that the source has come to the middle of the stream. */
export function midwayMark({ folder }: CrashPlan): string {
  return join(folder, 'midway');
}

/** How often each crash of the plan has happened. */
export function crashesHappened({ folder, crashes }: CrashPlan): number[] {
  const marks = readdirSync(folder);
  return crashes.map((_, index) => marks.filter((mark) => mark.startsWith(`${index}.`)).length);
}
