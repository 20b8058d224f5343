/**
 * One value of `--stage` (`-s`): a stage in the grammar, or a command by itself.
 *
 * 1. A value that begins with an operator's name or `cmd`, alone or followed by `=`, `@` or `:`, is one stage in the grammar,
 *    in which commas need no escape.
 * 2. Any other is a command. Its key and number of tasks, if any, are a last word of their own: `@KEY`, `:TASKS` or
 *    `@KEY:TASKS`. A last word of the command itself that looks like this is put in quotes.
 */
import { RainstormError } from '../base/errors.ts';
import { makeStage } from './make-stage.ts';
import { isOperator, OPERATOR_NAMES } from './operator-catalog.ts';
import { parseOneStage, parseSuffix } from './stage-grammar.ts';
import { indexOfClosingQuote, isQuote, isSpace, StageScanner } from './stage-scanner.ts';
import type { StageSpec } from './stage-spec.ts';
import { inQuotes, nearestName, shorten } from './suggest.ts';

/** Throws STAGE_SYNTAX, UNKNOWN_OPERATOR or OPERATOR_ARGUMENT. */
export function parseStageFlag(text: string): StageSpec {
  const value = text.trim();
  if (value === '') {
    throw new RainstormError('STAGE_SYNTAX', 'the stage is empty', { hint: "Give an operator or a command, as in -s aggregate=2:3 or -s 'grep Stop'." });
  }
  const [, name = '', next = ''] = /^([a-z-]+)(\s*[^])?/.exec(value) ?? [];
  if ((name === 'cmd' || isOperator(name)) && !/^[\w./+]/.test(next)) {
    if (next === '' || /^\s*[=@:]/.test(next)) return parseOneStage(value);
    throw followedByMore(name, value);
  }
  refuseMisspelt(value);
  return parseCommand(value);
}

function parseCommand(value: string): StageSpec {
  const lastWord = startOfLastWord(value);
  if (!'@:'.includes(value.charAt(lastWord))) return makeInStage(value, value, {});
  const scanner = new StageScanner(value, false);
  scanner.beginStage();
  scanner.at = lastWord;
  const commandLine = value.slice(0, lastWord).trim();
  if (commandLine === '') {
    scanner.fail(0, 'there is no command before the key and the number of tasks', "As in -s 'sort | uniq -c @line:3'.");
  }
  return makeInStage(value, commandLine, parseSuffix(scanner));
}

function makeInStage(value: string, commandLine: string, settings: Partial<ReturnType<typeof parseSuffix>>): StageSpec {
  const scanner = new StageScanner(value, false);
  scanner.beginStage();
  return scanner.inStage(() => makeStage({ kind: 'command', commandLine }, settings));
}

function followedByMore(name: string, value: string): RainstormError {
  const rest = value.slice(name.length).trim();
  const what = `stage (${shorten(value, 60)}): ${name} is followed by "${shorten(rest, 40)}"`;
  if (name === 'cmd') {
    return new RainstormError('STAGE_SYNTAX', what, { hint: `A command is given with =, as in cmd=${inQuotes(rest)}, or by itself, without cmd.` });
  }
  if (rest.startsWith(',')) {
    return new RainstormError('STAGE_SYNTAX', what, { hint: `--stage takes one stage. Several, separated by commas, are given with --stages ${inQuotes(value)}.` });
  }
  const argument = /^[-|<>&;()]/.test(rest) ? '' : `; its argument is given with =, as in ${name}=${rest}`;
  return new RainstormError('STAGE_SYNTAX', what, {
    hint: `${name} is an operator of RainStorm${argument}. For a command of that name write cmd=${inQuotes(value)}.`,
  });
}

/** A shell would take `fitler=Sign` for the setting of a variable, and the stage would print nothing at all. */
function refuseMisspelt(value: string): void {
  const name = /^([A-Za-z][\w-]*)=/.exec(value)?.[1];
  if (name === undefined || !isOneWord(value)) return;
  const nearest = nearestName(name, [...OPERATOR_NAMES, 'cmd']);
  throw new RainstormError('UNKNOWN_OPERATOR', `stage (${shorten(value, 60)}): there is no operator "${name}"`, {
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}${value.slice(name.length)}? `}Operators are ${OPERATOR_NAMES.join(', ')}.`,
  });
}

function isOneWord(value: string): boolean {
  const last = startOfLastWord(value);
  return last === 0 || ('@:'.includes(value.charAt(last)) && startOfLastWord(value.slice(0, last).trimEnd()) === 0);
}

/** The offset of the last word, quotes and escapes heeded as a shell does. */
function startOfLastWord(text: string): number {
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (isSpace(char)) start = at + 1;
    else if (char === '\\') at++;
    else if (isQuote(char)) at = Math.max(indexOfClosingQuote(text, at, true), at);
  }
  return start;
}
