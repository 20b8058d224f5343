/**
 * Lines in which a regular expression matches. There are expressions that need years for a short line; whoever asks for one
 * must not stop the process that has the log, so matching ends after a while.
 */
import { isAscii } from 'node:buffer';
import { createContext, Script } from 'node:vm';
import { errnoOf } from '../base/errors.ts';

/** A sensible expression needs some milliseconds for a piece; a worker that does not report for seconds is lost. */
const PIECE_LIMIT_MS = 500;

/** The expression takes too long. */
export class TooSlow extends Error {}

interface Search {
  readonly regex: RegExp;
  lines: readonly string[];
  kept: readonly boolean[];
}

export class LineMatcher {
  readonly #context: Search;
  readonly #script = new Script('kept = lines.map((line) => regex.test(line))');

  constructor(regex: RegExp) {
    this.#context = createContext({ regex, lines: [], kept: [] }) as Search;
  }

  /** Those of some whole lines, with their newlines; a last one without is given one. Lines are matched as UTF-8. Throws TooSlow. */
  matching(piece: Buffer): Buffer[] {
    const lines = piece.toString('latin1').split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#context.lines = isAscii(piece) ? lines : lines.map((line) => Buffer.from(line, 'latin1').toString());
    try {
      this.#script.runInContext(this.#context, { timeout: PIECE_LIMIT_MS });
    } catch (error) {
      if (errnoOf(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TooSlow(`the regular expression takes longer than ${PIECE_LIMIT_MS} ms`);
      throw error;
    }
    const { kept } = this.#context;
    return lines.filter((_, index) => kept[index]).map((line) => Buffer.from(`${line}\n`, 'latin1'));
  }
}
