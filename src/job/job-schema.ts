/**
 * What a job file may say: one schema for its keys, their types and ranges. The message of every check is what is allowed, and
 * completes "it must be …"; `job-file.ts` says which value was wrong, and where. A new key of a stage is a line in `stageKeys`
 * and one in `toStage`.
 */
import { z } from 'zod';
import { RainstormError } from '../base/errors.ts';
import { JOB_AUTOSCALE_KEYS, jobAutoscale, STAGE_AUTOSCALE_KEYS, stageAutoscale } from './autoscale-schema.ts';
import { MAX_TUPLE_LIMIT_BYTES, parseByteSize } from './byte-size.ts';
import { parseCheckpointEvery } from './checkpoint-every.ts';
import { parseCommandLine } from './command-line.ts';
import { CONTRACTS, RELEASES } from './contract.ts';
import { makeStage, MAX_TASKS } from './make-stage.ts';
import { parseKeyArgument } from './operator-arguments.ts';
import { isOperator, OPERATOR_NAMES } from './operator-catalog.ts';
import { parseRate } from './rate-argument.ts';
import { steadyRate } from './rate-schedule.ts';
import { attempt, flag, must, problem, text, whole } from './schema-parts.ts';
import { parseStageFlag } from './stage-flag.ts';
import { parseStages } from './stage-grammar.ts';
import { parseStallTimeout } from './stall-timeout.ts';
import type { StageSpec } from './stage-spec.ts';
import { nearestName } from './suggest.ts';
import { MAX_RESTARTS, POISON_REACTIONS, STALL_REACTIONS } from './trouble-settings.ts';
import { MAX_WORKERS } from '../base/limits.ts';

const MAX_NAME_CHARACTERS = 64;

const status = whole(0, 255, 'an exit status from 0 to 255');

const command = z.union([
  text('a command line').transform((line, context) => attempt(context, [], () => {
    parseCommandLine(line);
    return line;
  })),
  z.array(z.string(must('a word in quotes')).refine((word) => !word.includes('\0'), must('a word without NUL')))
    .refine((argv) => argv.length > 0 && argv[0] !== '', must('the program to start and its arguments')),
], must('a command line, or a list of the program and its arguments'));

const key = z.union([z.string(), z.int()], must('a column number, a header name, or line'))
  .transform((value, context) => attempt(context, [], () => parseKeyArgument(String(value))));

const environment = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()], must('a text, a number, true or false')), must('a mapping of names to values'))
  .superRefine((variables, context) => {
    const wrong = Object.keys(variables).find((name) => name === '' || /[=\0]/.test(name));
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: `"${wrong}" cannot be the name of a variable`, path: [], params: {} });
  })
  .transform((variables) => Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])));

const stageKeys = z.strictObject({
  operator: z.string(must("an operator's name")).superRefine((name, context) => {
    if (!isOperator(name)) attempt(context, [], () => refuseOperator(name));
  }).optional(),
  argument: z.union([z.string(), z.number().transform(String)], must('a text or a number')).optional(),
  command: command.optional(),
  key: key.optional(),
  tasks: whole(1, MAX_TASKS).optional(),
  okExit: z.union([status.transform((one) => [one]), z.array(status)], must('an exit status from 0 to 255, or a list of them')).optional(),
  env: environment.optional(),
  cwd: text('a folder').optional(),
  contract: z.enum(CONTRACTS, must('replay, snapshot, restart or fold')).optional(),
  checkpointEvery: z.string(must('a duration such as 5s, or a size such as 8MiB'))
    .transform((value, context) => attempt(context, [], () => parseCheckpointEvery(value))).optional(),
  release: z.enum(RELEASES, must('eager or committed')).optional(),
  maxRestarts: whole(0, MAX_RESTARTS).optional(),
  stallTimeout: z.string(must('a duration such as 60s, or off'))
    .transform((value, context) => attempt(context, [], () => parseStallTimeout(value))).optional(),
  onStall: z.enum(STALL_REACTIONS, must('report or restart')).optional(),
  onPoison: z.enum(POISON_REACTIONS, must('fail or deadletter')).optional(),
  autoscale: stageAutoscale.optional(),
  name: text('a name').regex(/^\P{Cc}+$/u, must('a name on one line')).max(MAX_NAME_CHARACTERS, must(`a name of at most ${MAX_NAME_CHARACTERS} characters`)).optional(),
}, must('a stage: a text as --stage takes it, or keys and values'));

function refuseOperator(name: string): never {
  const nearest = nearestName(name, OPERATOR_NAMES);
  throw new RainstormError('UNKNOWN_OPERATOR', `there is no operator "${name}"`, {
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Operators are ${OPERATOR_NAMES.join(', ')}. A program of your own is given as command:.`,
  });
}

function toStage(stage: z.output<typeof stageKeys>, context: z.RefinementCtx): StageSpec {
  const { operator, argument, command: program, stallTimeout, ...others } = stage;
  const settings = { ...others, stallTimeoutMs: stallTimeout };
  if ((operator === undefined) === (program === undefined)) {
    const found = operator === undefined ? 'neither operator nor command' : 'both operator and command';
    return problem(context, [], `the stage has ${found}`, 'Give one of the two.');
  }
  if (operator !== undefined) {
    const place = argument === undefined ? [] : ['argument'];
    return attempt(context, settings.contract === undefined ? place : ['contract'], () => makeStage({ kind: 'operator', operator, argument }, settings));
  }
  if (argument !== undefined) return problem(context, ['argument'], 'a command has no argument', "Write it behind the command, as in command: 'grep -F Stop'.");
  const made = typeof program === 'string' ? { kind: 'command' as const, commandLine: program } : { kind: 'argv' as const, argv: program ?? [] };
  const place = settings.contract !== undefined ? 'contract' : settings.release !== undefined ? 'release' : 'checkpointEvery';
  return attempt(context, [place], () => makeStage(made, settings));
}

const stageEntry = z.union([
  z.string().transform((stage, context) => attempt(context, [], () => parseStageFlag(stage))),
  stageKeys.transform(toStage),
], must('a stage: a text as --stage takes it, or keys and values'));

const stages = z.union([
  z.string().transform((list, context) => attempt(context, [], () => parseStages(list))),
  z.array(stageEntry).min(1, must('a list of at least one stage')),
], must('a text as --stages takes it, or a list of stages'));

const source = text('a path, a glob, or - for stdin');

const maxTuple = z.union([z.number(), z.string().transform((size, context) => attempt(context, [], () => parseByteSize(size)))], must('a number of bytes, or a size such as 64MiB'))
  .pipe(whole(1, MAX_TUPLE_LIMIT_BYTES, 'from 1 byte to 2 GiB - 1'));

const rate = z.union([
  z.number(must('a number of tuples per second above 0')).positive(must('a number of tuples per second above 0')).transform(steadyRate),
  z.string().transform((schedule, context) => attempt(context, [], () => parseRate(schedule))),
], must('a number of tuples per second above 0, or several from different times on, as in 100,20s:1000'));

export const jobSchema = z.strictObject({
  stages: stages.optional(),
  src: z.union([source.transform((one) => [one]), z.array(source).min(1, must('a list of at least one path'))], must('a path, a glob, or - for stdin, or a list of them')).optional(),
  dest: text('a path, or - for stdout').optional(),
  format: z.enum(['csv', 'lines'], must('csv or lines')).optional(),
  header: flag().optional(),
  outputHeader: flag().optional(),
  overwrite: flag().optional(),
  rate: rate.optional(),
  workers: whole(1, MAX_WORKERS).optional(),
  maxTuple: maxTuple.optional(),
  locale: text('a locale such as C or en_US.UTF-8').optional(),
  lineBuffered: flag().optional(),
  fuse: flag().optional(),
  logTuples: z.enum(['first', 'all', 'off'], must('first, all or off')).optional(),
  autoscale: jobAutoscale.optional(),
}, must('keys and values, as in "stages: filter=Stop"'));

/** The keys that are allowed at a path of the file, sorted; none where no schema of ours names them. */
export function allowedKeys(path: readonly PropertyKey[]): string[] {
  const [top, , key] = path;
  const inStage = top === 'stages';
  if (path.length === 0) return Object.keys(jobSchema.shape).toSorted();
  if (path.length === 1 && top === 'autoscale') return JOB_AUTOSCALE_KEYS.toSorted();
  if (path.length === 2 && inStage) return Object.keys(stageKeys.shape).toSorted();
  return path.length === 3 && inStage && key === 'autoscale' ? STAGE_AUTOSCALE_KEYS.toSorted() : [];
}
