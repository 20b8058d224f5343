/**
 * The terminal while it is ours: another screen than the user's, keys one by one, and frames in one write each.
 *
 * SC1 However the command ends, short of SIGKILL, the user's screen, cursor and line editing are back.
 * SC2 Of a frame only the lines are written that are others than before.
 */
import { emitKeypressEvents, type Interface, type Key } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { beginSynchronizedOutput, cursorHide, cursorShow, cursorTo, endSynchronizedOutput, enterAlternativeScreen, eraseEndLine, eraseScreen, exitAlternativeScreen } from 'ansi-escapes';
import { widthOf } from '../cells.ts';

/** What a terminal has that does not know its size. */
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;

/** An escape behind which nothing has come by then is the key; arrows come as one piece. */
const ESCAPE_MS = 50;

export interface ScreenEvents {
  /** As `News` names it. */
  key(key: string): void;
  size(rows: number, columns: number): void;
  /** Nobody sits there any more. */
  gone(): void;
}

export class Screen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: ScreenEvents;
  #lines: readonly string[] = [];
  #open = false;
  readonly #restore = () => this.close();
  readonly #resized = () => {
    this.#lines = [];
    this.#output.write(eraseScreen);
    this.#events.size(this.rows, this.columns);
  };
  readonly #pressed = (text: string | undefined, key: Key) => {
    // What looks like Alt and a key is Esc and a key, from somebody fast or over a slow line: no key of ours has Alt.
    if (key.meta === true && key.name !== 'escape') this.#events.key('escape');
    this.#events.key(nameOf(text, key));
  };
  readonly #gone = () => this.#events.gone();

  constructor(input: ReadStream, output: WriteStream, events: ScreenEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_MS } as object as Interface);
  }

  get rows(): number {
    return this.#output.rows || DEFAULT_ROWS;
  }

  get columns(): number {
    return this.#output.columns || DEFAULT_COLUMNS;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#lines = [];
    // SC1: the monitor is called before a bug's stack is printed, which would be gone with our screen.
    process.on('exit', this.#restore);
    process.on('uncaughtExceptionMonitor', this.#restore);
    this.#output.on('resize', this.#resized);
    this.#output.on('error', this.#gone);
    this.#input.on('keypress', this.#pressed);
    this.#input.on('end', this.#gone);
    this.#input.on('error', this.#gone);
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#output.write(enterAlternativeScreen + cursorHide + eraseScreen);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.#restore);
    process.off('uncaughtExceptionMonitor', this.#restore);
    this.#output.off('resize', this.#resized);
    this.#input.off('keypress', this.#pressed);
    this.#input.off('end', this.#gone);
    if (!this.#output.destroyed) this.#output.write(cursorShow + exitAlternativeScreen);
    if (!this.#input.destroyed) this.#input.setRawMode(false);
    this.#input.pause();
  }

  /** SC2. At most `rows` lines. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const changed = lines.map((line, row) => (line === this.#lines[row] ? '' : cursorTo(0, row) + line + this.#erasing(line))).join('');
    this.#lines = lines;
    if (changed !== '') this.#output.write(beginSynchronizedOutput + changed + endSynchronizedOutput);
  }

  /** Behind a line as wide as the terminal the cursor still stands on its last column, which would be erased. */
  #erasing(line: string): string {
    return widthOf(line) < this.columns ? eraseEndLine : '';
  }
}

function nameOf(text: string | undefined, { name, ctrl, sequence }: Key): string {
  if (ctrl === true && name !== undefined) return `ctrl-${name}`;
  if (name === 'enter') return 'return';
  if (name !== undefined && name.length > 1) return name;
  return text ?? name ?? sequence ?? '';
}
