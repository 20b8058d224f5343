/** The program under check, made ready to start exactly as a task of a job would start it. */
import { randomUUID } from 'node:crypto';
import { DEFAULT_MAX_TUPLE_BYTES, DEFAULT_STORE_LIMIT_BYTES } from '../base/limits.ts';
import { makePlan, type SourceFacts } from '../job/make-plan.ts';
import type { StagePlan } from '../job/plan.ts';
import type { StageSpec } from '../job/stage-spec.ts';
import { findCommand } from '../task/find-command.ts';
import { operatorMembers, type Member } from '../task/operator-command.ts';
import { operatorEnvironment } from '../task/operator-environment.ts';

export interface Subject {
  /** As the user knows it, for messages. */
  readonly shown: string;
  readonly stage: StagePlan;
  readonly members: readonly Member[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The value of RAINSTORM_JOB in its environment, by which everything that it starts can be found. */
  readonly mark: string;
  /** The longest that one run of it may take. */
  readonly timeLimitMs: number;
  /** One run that prints more than this is ended. */
  readonly maxOutputBytes: number;
}

/** Samples are a megabyte at most; a program that makes more of one than this would not stop by itself. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface SubjectOptions {
  /** `LC_ALL`. */
  readonly locale: string;
  readonly lineBuffered: boolean;
  readonly timeLimitMs: number;
  /** Absolute. */
  readonly cwd: string;
}

/** Throws what `makePlan` throws for the stage, and COMMAND_NOT_FOUND. */
export function makeSubject(stage: StageSpec, facts: SourceFacts, options: SubjectOptions): Subject {
  return readySubject(planOf(stage, facts, options), { ...options, mark: `check-${randomUUID()}`, where: 'the command under check', maxOutputBytes: MAX_OUTPUT_BYTES });
}

interface ReadyOptions extends Pick<Subject, 'mark' | 'timeLimitMs' | 'maxOutputBytes'>, Pick<SubjectOptions, 'locale' | 'lineBuffered'> {
  /** What it is in the message that it is not there. */
  readonly where: string;
}

/** One copy of what a stage of a plan runs. Throws COMMAND_NOT_FOUND. */
export function readySubject(plan: StagePlan, options: ReadyOptions): Subject {
  const { mark, timeLimitMs, maxOutputBytes } = options;
  const members = operatorMembers(plan, options.lineBuffered);
  const env = operatorEnvironment({ ...plan, tasks: 1 }, mark, 0, options.locale);
  for (const member of members) findCommand(member.argv[0] ?? '', plan.cwd, env, options.where);
  const shown = members.map((member) => member.shown).join(' | ');
  return { shown, stage: plan, members, env, cwd: plan.cwd, mark, timeLimitMs, maxOutputBytes };
}

function planOf(stage: StageSpec, facts: SourceFacts, options: SubjectOptions): StagePlan {
  const plan = makePlan({
    stages: [{ ...stage, tasks: 1 }],
    sources: ['-'],
    dest: '-',
    header: facts.headerRow !== undefined,
    outputHeader: false,
    overwrite: false,
    maxTupleBytes: DEFAULT_MAX_TUPLE_BYTES,
    locale: options.locale,
    lineBuffered: options.lineBuffered,
    fuse: false,
    logTuples: 'off',
    delivery: 'exactly-once',
    durability: 'process',
    storeLimitBytes: DEFAULT_STORE_LIMIT_BYTES,
    cwd: options.cwd,
  }, facts);
  return plan.stages[0] as StagePlan;
}
