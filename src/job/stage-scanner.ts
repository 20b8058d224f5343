import { RainstormError } from '../base/errors.ts';
import { pointAt } from './caret.ts';
import { indexOfUnescapedSlash } from './regex-argument.ts';
import { shorten } from './suggest.ts';

export interface ValueRules {
  /** What is being read, for messages. */
  readonly what: string;
  /** Characters that end the value where they are neither quoted nor escaped. */
  readonly stops: string;
  /** How many slashes a value that begins with one runs through as in quotes: 2 /regex/, 3 /regex/text/, 0 none. */
  readonly slashes: 0 | 2 | 3;
  /**
   * True for a command line: quotes are the grammar's only when they enclose the whole value, others protect what is in
   * them and stay, since they are the command line's own.
   */
  readonly keepsQuotes: boolean;
}

/** A position in a text of stages, and the reading of the pieces that a stage is made of. */
export class StageScanner {
  readonly text: string;
  at = 0;
  /** True when commas separate stages: the text may hold several. */
  readonly list: boolean;
  #start = 0;
  #number = 0;

  constructor(text: string, list: boolean) {
    this.text = text;
    this.list = list;
  }

  beginStage(): void {
    this.skipSpace();
    this.#start = this.at;
    this.#number++;
  }

  peek(): string {
    return this.text.charAt(this.at);
  }

  /** Steps over `char` if it is next. */
  eat(char: string): boolean {
    if (this.peek() !== char) return false;
    this.at++;
    return true;
  }

  skipSpace(): void {
    while (isSpace(this.peek())) this.at++;
  }

  /** Throws STAGE_SYNTAX with the stage and the place in it. */
  fail(at: number, message: string, hint: string): never {
    throw new RainstormError('STAGE_SYNTAX', `${this.#label()}: ${message}\n${pointAt(this.text, at)}`, { hint });
  }

  /** Runs `read` and says in which stage it failed, if it does. */
  inStage<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new RainstormError(error.code, `${this.#label()}: ${error.message}`, { ...hint, cause: error });
    }
  }

  /** The text of the stage that began last, up to its end. */
  stageText(): string {
    let end = this.#start;
    while (end < this.text.length && !(this.list && this.text[end] === ',')) end = this.#skipPiece(end);
    return this.text.slice(this.#start, end).trim();
  }

  /** Reads up to a stop character as it stands, stepping over what is in quotes. */
  readRaw(stops: string): string {
    const from = this.at;
    while (this.at < this.text.length && !stops.includes(this.peek())) this.at = this.#skipPiece(this.at);
    return this.text.slice(from, this.at).trim();
  }

  /** Reads a value, its quotes and escapes undone, white space around it left away. Throws STAGE_SYNTAX for an unclosed quote. */
  readValue(rules: ValueRules): string {
    this.skipSpace();
    const slashed = rules.slashes > 0 && this.peek() === '/' ? this.#readSlashes(rules) : '';
    if (slashed === '' && rules.keepsQuotes && isQuote(this.peek())) {
      const whole = this.#readEnclosed(rules);
      if (whole !== undefined) return whole;
    }
    let value = slashed;
    let kept = value.length;
    while (this.at < this.text.length && !rules.stops.includes(this.peek())) {
      const char = this.peek();
      value += this.#readPiece(rules);
      if (!isSpace(char)) kept = value.length;
    }
    return value.slice(0, kept);
  }

  /** One character, escape or quoted part of a value, as what it means. */
  #readPiece(rules: ValueRules): string {
    const char = this.peek();
    if (isQuote(char)) {
      const end = this.#closingQuote(rules, rules.keepsQuotes);
      const part = rules.keepsQuotes ? this.text.slice(this.at, end + 1) : this.text.slice(this.at + 1, end);
      this.at = end + 1;
      return part;
    }
    this.at++;
    if (char !== '\\') return char;
    const next = this.peek();
    if (next !== '' && ',:@\\'.includes(next)) {
      this.at++;
      return next;
    }
    // In a command line an escaped quote opens nothing.
    if (rules.keepsQuotes && isQuote(next)) {
      this.at++;
      return char + next;
    }
    return char;
  }

  #readSlashes(rules: ValueRules): string {
    let end = this.at;
    for (let slash = 1; slash < rules.slashes && end !== -1; slash++) end = indexOfUnescapedSlash(this.text, end + 1);
    if (end === -1) {
      const form = rules.slashes === 3 ? '/regex/text/' : '/regex/';
      this.fail(this.at, `${rules.what} begins with a slash, but ${form} is not closed`, `Close it as in ${form}. A slash in it is written \\/.`);
    }
    const value = this.text.slice(this.at, end + 1);
    this.at = end + 1;
    return value;
  }

  /** The inside of a quote that encloses the whole value, or undefined (and no step taken) when more follows it. */
  #readEnclosed(rules: ValueRules): string | undefined {
    const from = this.at;
    const end = this.#closingQuote(rules, false);
    this.at = end + 1;
    this.skipSpace();
    if (this.at >= this.text.length || rules.stops.includes(this.peek())) return this.text.slice(from + 1, end);
    this.at = from;
    return undefined;
  }

  #closingQuote(rules: ValueRules, escapes: boolean): number {
    const quote = this.peek();
    const end = indexOfClosingQuote(this.text, this.at, escapes);
    if (end !== -1) return end;
    const other = quote === '"' ? "'" : '"';
    return this.fail(this.at, `${rules.what} has a quote that is not closed`, `Close it with ${quote}. A ${quote} that is meant as such goes between ${other} and ${other}.`);
  }

  #skipPiece(at: number): number {
    const char = this.text.charAt(at);
    if (char === '\\') return at + 2;
    if (isQuote(char)) return Math.max(indexOfClosingQuote(this.text, at, false), at) + 1;
    if (char === '/' && at > 0 && '=@'.includes(this.text.charAt(at - 1))) return Math.max(indexOfUnescapedSlash(this.text, at + 1), at) + 1;
    return at + 1;
  }

  #label(): string {
    const text = shorten(this.stageText().replaceAll('\n', ' '), 60);
    return this.list ? `stage ${this.#number}${text === '' ? '' : ` (${text})`}` : `stage (${text})`;
  }
}

export function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}

export function isQuote(char: string): boolean {
  return char === '"' || char === "'";
}

/** The offset of the quote that closes the one at `open`, or -1. With `escapes`, a backslash in double quotes protects the next character. */
export function indexOfClosingQuote(text: string, open: number, escapes: boolean): number {
  const quote = text.charAt(open);
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === quote) return i;
    if (escapes && quote === '"' && text[i] === '\\') i++;
  }
  return -1;
}
