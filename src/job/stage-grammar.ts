/**
 * The grammar of stages, `NAME[=ARG][@KEY][:TASKS]`, several separated by commas:
 *
 *     filter=Stop,aggregate="Asset Category":3
 *     cmd="grep -F Stop":2,replace=/a,b/x,y/,sum='Asset Category'/Price
 *
 * ARG and KEY may have parts in '…' or "…", in which nothing is special; a value that begins with a slash runs through its
 * closing one (for `replace` the third) as if quoted, slashes kept; `\,` `\:` `\@` `\\` are escapes, other backslashes stay.
 * KEY is a column number from 1, `line`, or a header name. White space around the pieces is left away.
 */
import { RainstormError } from '../base/errors.ts';
import { parseKeyArgument } from './operator-arguments.ts';
import { makeStage, MAX_TASKS } from './make-stage.ts';
import { isOperator, OPERATOR_NAMES, unknownOperator } from './operator-catalog.ts';
import { StageScanner } from './stage-scanner.ts';
import type { KeySpec, StageSpec } from './stage-spec.ts';
import { inQuotes, nearestName } from './suggest.ts';

/**
 * Reads a list of stages as `--stages` takes it. Throws STAGE_SYNTAX, UNKNOWN_OPERATOR or OPERATOR_ARGUMENT; the message says
 * which stage, and for syntax shows the place.
 */
export function parseStages(text: string): StageSpec[] {
  const scanner = new StageScanner(text, true);
  const stages: StageSpec[] = [];
  do stages.push(readStage(scanner));
  while (scanner.eat(','));
  return stages;
}

/** Reads one stage in the same grammar, in which commas are like any other character. Throws as `parseStages` does. */
export function parseOneStage(text: string): StageSpec {
  return readStage(new StageScanner(text, false));
}

/** The key and tasks of a stage, `[@KEY][:TASKS]`, as the last word of a command. Throws STAGE_SYNTAX. */
export function parseSuffix(scanner: StageScanner): { key: KeySpec | undefined; tasks: number } {
  const key = scanner.eat('@') ? readKey(scanner) : undefined;
  const tasks = scanner.eat(':') ? readTasks(scanner) : 1;
  scanner.skipSpace();
  if (scanner.at < scanner.text.length && !(scanner.list && scanner.peek() === ',')) failAtRest(scanner);
  return { key, tasks };
}

function readStage(scanner: StageScanner): StageSpec {
  scanner.beginStage();
  const name = readName(scanner);
  const argument = scanner.eat('=') ? readArgument(scanner, name) : undefined;
  const { key, tasks } = parseSuffix(scanner);
  return scanner.inStage(() => {
    if (name !== 'cmd') return makeStage({ kind: 'operator', operator: name, argument }, { key, tasks });
    if (argument === undefined || argument.trim() === '') {
      throw new RainstormError('STAGE_SYNTAX', 'cmd needs a command', { hint: 'As in cmd="grep -F Stop".' });
    }
    return makeStage({ kind: 'command', commandLine: argument }, { key, tasks });
  });
}

function readName(scanner: StageScanner): string {
  const from = scanner.at;
  const name = scanner.readRaw(scanner.list ? '=@:,' : '=@:');
  if (name === '') failWithoutName(scanner, from);
  if (name !== 'cmd' && !isOperator(name)) scanner.inStage(() => refuseName(name, scanner.stageText()));
  return name;
}

function failWithoutName(scanner: StageScanner, at: number): never {
  const next = scanner.peek();
  if (next !== '' && next !== ',') scanner.fail(at, `no operator's name before "${next}"`, 'A stage is NAME[=ARG][@KEY][:TASKS], as in aggregate=2:3.');
  if (scanner.text.trim() === '') {
    throw new RainstormError('STAGE_SYNTAX', 'there is no stage', { hint: "Give at least one, as in --stages 'filter=Stop,aggregate=2:3'." });
  }
  return scanner.fail(at, 'the stage is empty', 'Stages are separated by single commas. A comma inside an argument is quoted, as in transform=\'1,4\', or written \\,');
}

function refuseName(name: string, stageText: string): never {
  const ours = /^([\w-]+)\s+(\S.*)$/s.exec(name);
  if (ours?.[1] !== undefined && ours[2] !== undefined && isOperator(ours[1])) {
    const argument = /^[\w./%+-]+$/.test(ours[2]) ? ours[2] : inQuotes(ours[2]);
    throw new RainstormError('UNKNOWN_OPERATOR', `"${ours[1]}" is followed by a space`, {
      hint: `An argument is given with =, as in ${ours[1]}=${argument}. A command of that name is written cmd=${inQuotes(stageText)}.`,
    });
  }
  if (!/[^\w-]/.test(name)) throw unknownOperator(name);
  const nearest = nearestName(name, OPERATOR_NAMES);
  throw new RainstormError('UNKNOWN_OPERATOR', `"${name}" is no operator's name`, {
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}To run a command, quote it: cmd=${inQuotes(stageText)}, or give it as a stage of its own: --stage ${inShellQuotes(stageText)}.`,
  });
}

function readArgument(scanner: StageScanner, name: string): string {
  const from = scanner.at;
  const argument = scanner.readValue({
    what: 'the argument',
    stops: scanner.list ? '@:,' : '@:',
    slashes: name === 'cmd' ? 0 : name === 'replace' ? 3 : 2,
    keepsQuotes: name === 'cmd',
  });
  if (argument === '' && scanner.text.slice(from, scanner.at).trim() === '') {
    scanner.fail(from, 'nothing follows "="', name === 'cmd' ? 'A command is needed, as in cmd="grep -F Stop".' : `Give ${name} an argument, or leave the = away.`);
  }
  return argument;
}

function readKey(scanner: StageScanner): KeySpec {
  const from = scanner.at;
  const text = scanner.readValue({ what: 'the key', stops: scanner.list ? '=@:,' : '=@:', slashes: 2, keepsQuotes: false });
  const hint = 'A key is a column number from 1, line for the whole tuple, or a header name, as in @2, @line or @"Asset Category".';
  if (text.trim() === '') scanner.fail(from, 'no key follows "@"', hint);
  try {
    return parseKeyArgument(text);
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return scanner.fail(from, error.message, hint);
  }
}

function readTasks(scanner: StageScanner): number {
  scanner.skipSpace();
  const from = scanner.at;
  const text = scanner.readRaw(scanner.list ? ',' : '');
  const hint = `A stage has 1 to ${MAX_TASKS} tasks, as in aggregate:3. A colon that is meant as such is quoted or written \\:`;
  if (text === '') scanner.fail(from, 'no number of tasks follows ":"', hint);
  const key = /^\d*@(.*)$/s.exec(text)?.[1];
  if (key !== undefined) scanner.fail(from, 'the key comes before the number of tasks', `Write @${key}:${text.slice(0, -key.length - 1) || 'TASKS'}.`);
  if (!/^-?\d+$/.test(text)) scanner.fail(from, `"${text}" is no number of tasks`, hint);
  const tasks = Number(text);
  if (tasks < 1 || tasks > MAX_TASKS) scanner.fail(from, `${text} tasks are not possible`, hint);
  return tasks;
}

function failAtRest(scanner: StageScanner): never {
  const next = scanner.peek();
  const what = next === '=' ? 'the argument comes before the key' : next === '@' ? 'a stage has one key' : `"${next}" is not expected here`;
  return scanner.fail(scanner.at, what, `The order is NAME[=ARG][@KEY][:TASKS]. A header name with "${next}" in it is quoted.`);
}

function inShellQuotes(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
