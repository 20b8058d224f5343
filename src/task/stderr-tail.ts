import split2 from 'split2';

/** Enough to see a program's complaint or the end of a stack trace. */
const KEPT_LINES = 10;

/** A longer line is cut: it is no message, and a program that never writes a newline must not grow our memory. */
const MAX_LINE_BYTES = 16 * 1024;

/** split2 drops the overflow and goes on with the next line, instead of failing. */
const LINE_OPTIONS = { maxLength: MAX_LINE_BYTES, skipOverflow: true };

/** Splits an operator's stderr into lines for the log and keeps the last ones for the error message. */
export class StderrTail {
  readonly #lines = split2(LINE_OPTIONS);
  readonly #last: string[] = [];

  constructor(line: (text: string) => void) {
    this.#lines.on('data', (text: string) => {
      this.#last.push(text);
      if (this.#last.length > KEPT_LINES) this.#last.shift();
      line(text);
    });
  }

  get last(): readonly string[] {
    return this.#last;
  }

  push(chunk: Buffer): void {
    this.#lines.write(chunk);
  }

  /** A last line without newline counts too. Resolves when all lines were handed on. */
  async end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lines.once('end', resolve);
    this.#lines.end();
    await promise;
  }
}
