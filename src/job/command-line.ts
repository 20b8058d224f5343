import { RainstormError } from '../base/errors.ts';
import { pointAt } from './caret.ts';
import type { Program } from './program.ts';
import { needsShell } from './shell-words.ts';
import type { Word } from './shell-words.ts';

/**
 * Decides how a command line is started. Words and quotes are read as bash reads them: a single command, or several joined by
 * `|`, becomes a chain, which needs no shell. Where bash would do anything more (variables, globs, redirections, lists,
 * keywords, builtins), the text is a shell script as it stands.
 *
 * Throws STAGE_SYNTAX for an unclosed quote and for a pipe with an empty command, as long as no shell syntax came before it:
 * only a shell knows what quotes mean there.
 */
export function parseCommandLine(text: string): Program {
  const script = text.replace(/^[ \t\n]+|(?<!\\)[ \t\n]+$/g, '');
  if (script === '') throw new RainstormError('STAGE_SYNTAX', 'the command is empty', { hint: 'As in cmd="grep -F Stop".' });
  const nul = script.indexOf('\0');
  if (nul !== -1) fail(script, nul, 'the command has a NUL character', 'No command can be started with one. Take it out.');
  const commands = new CommandLineReader(script).read();
  return commands === undefined || commands.some(needsShell)
    ? { kind: 'shell', script }
    : { kind: 'chain', commands: commands.map((words) => words.map((word) => word.value)) };
}

/** What ends the reading anywhere outside quotes: bash gives each a meaning of its own. */
const SHELL_SYNTAX = /[$`;&<>()*?[\n]/;
/** What stays special in double quotes. */
const EXPANSION = /[$`]/;
/** Stands for a quoted character in a word's bare form; no command line holds it. */
const QUOTED = '\0';

/** Splits a command line into commands and words; gives up with `undefined` at the first shell syntax. */
class CommandLineReader {
  readonly #text: string;
  #at = 0;
  #word: { value: string; bare: string } | undefined;
  #words: Word[] = [];
  readonly #commands: Word[][] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): Word[][] | undefined {
    while (this.#at < this.#text.length) {
      if (!this.#step(this.#text.charAt(this.#at))) return undefined;
    }
    this.#endCommand();
    return this.#commands;
  }

  /** Reads one character or one quoted part. False: this is shell syntax. */
  #step(char: string): boolean {
    if (SHELL_SYNTAX.test(char)) return false;
    if (char === ' ' || char === '\t') this.#endWord();
    else if (char === '|') return this.#pipe();
    else if (char === "'") this.#singleQuoted();
    else if (char === '"') return this.#doubleQuoted();
    else if (char === '\\') return this.#escaped();
    else this.#add(char, char);
    this.#at++;
    return true;
  }

  #pipe(): boolean {
    const next = this.#text.charAt(this.#at + 1);
    if (next === '|' || next === '&') return false;
    // Reserved words begin constructs in which a pipe need not stand between two commands.
    this.#endWord();
    if (this.#words.length > 0 && needsShell(this.#words)) return false;
    this.#endCommand();
    this.#at++;
    return true;
  }

  #singleQuoted(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end === -1) this.#failUnclosed("'");
    this.#addQuoted(this.#text.slice(this.#at + 1, end));
    this.#at = end;
  }

  #doubleQuoted(): boolean {
    const open = this.#at;
    let part = '';
    for (let i = open + 1; i < this.#text.length; i++) {
      let char = this.#text.charAt(i);
      if (char === '"') {
        this.#addQuoted(part);
        this.#at = i + 1;
        return true;
      }
      if (EXPANSION.test(char)) return false;
      if (char === '\\' && /[$`"\\\n]/.test(this.#text.charAt(i + 1))) {
        char = this.#text.charAt(++i).replace('\n', '');
      }
      part += char;
    }
    return this.#failUnclosed('"');
  }

  #escaped(): boolean {
    const next = this.#text.charAt(this.#at + 1);
    if (next === '') return false;
    // A backslash and a newline are nothing at all: the line goes on.
    if (next !== '\n') this.#add(next, QUOTED);
    this.#at += 2;
    return true;
  }

  #add(value: string, bare: string): void {
    this.#word ??= { value: '', bare: '' };
    this.#word.value += value;
    this.#word.bare += bare;
  }

  #addQuoted(part: string): void {
    // An empty quoted part still makes a word, and keeps it from being a reserved one.
    this.#add(part, QUOTED.repeat(Math.max(1, part.length)));
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length === 0) {
      const where = this.#commands.length === 0 ? 'before the first' : this.#at >= this.#text.length ? 'behind the last' : 'between two';
      const pipe = this.#at >= this.#text.length ? this.#text.lastIndexOf('|') : this.#at;
      fail(this.#text, pipe, `there is no command ${where} "|"`, 'A pipe joins commands, as in sort | uniq -c. A | that is meant as such goes in quotes.');
    }
    if (this.#words[0]?.value === '') fail(this.#text, 0, "a command's name is empty", 'The first word of a command is the program to start.');
    this.#commands.push(this.#words);
    this.#words = [];
  }

  #failUnclosed(quote: string): never {
    return fail(this.#text, this.#at, `the command has a ${quote} that is not closed`, `Close it, or write \\${quote} for the character itself.`);
  }
}

function fail(text: string, at: number, message: string, hint: string): never {
  throw new RainstormError('STAGE_SYNTAX', `${message}\n${pointAt(text, at)}`, { hint });
}
