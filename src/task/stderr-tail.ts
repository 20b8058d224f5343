import split2 from 'split2';

/** Enough to see a program's complaint or the end of a stack trace. */
const KEPT_LINES = 10;

/** A longer line is cut: it is no message, and a program that never writes a newline must not grow our memory. */
const MAX_LINE_BYTES = 16 * 1024;

const NEWLINE = 0x0a;
const CUT_MARK = Buffer.from('… (a longer line)\n');

/** Splits an operator's stderr into lines for the log and keeps the last ones for the error message. */
export class StderrTail {
  readonly #lines = split2();
  readonly #last: string[] = [];
  /** Of the line that has no end yet; infinite once it was cut, until it ends. */
  #lineBytes = 0;

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
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline === -1 ? chunk.length : newline;
      const room = MAX_LINE_BYTES - this.#lineBytes;
      if (end - at > room) {
        if (room >= 0) {
          this.#lines.write(chunk.subarray(from, at + room));
          this.#lines.write(CUT_MARK);
        }
        // The mark has ended the line already.
        from = newline === -1 ? end : end + 1;
        this.#lineBytes = Infinity;
      } else {
        this.#lineBytes += end - at;
      }
      if (newline !== -1) this.#lineBytes = 0;
      at = end + 1;
    }
    if (from < chunk.length) this.#lines.write(chunk.subarray(from));
  }

  /** A last line without newline counts too. Resolves when all lines were handed on. */
  async end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lines.once('end', resolve);
    this.#lines.end();
    await promise;
  }
}
