/** A program under a real pseudo-terminal, whose screen can be read: what util-linux's `script` makes, and what we make of its bytes. */
import { spawn } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { processesWith, waitFor } from './processes.ts';

/** Debian and its like have it always; that of other systems takes other flags. */
export const hasPseudoTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');

export interface PseudoTerminal {
  /** The lines as they stand there now, without spaces at their ends. */
  readonly screen: () => string;
  /** True while the program has the other screen, which gives the user's back when it is left. */
  readonly isOtherScreen: () => boolean;
  readonly isCursorShown: () => boolean;
  /** What was written on the user's own screen. */
  readonly printed: () => string;
  type(keys: string): void;
  /** Resolves with the screen when it matches. */
  shows(pattern: RegExp): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  readonly ended: Promise<void>;
}

export const KEYS = { up: '\u001B[A', down: '\u001B[B', right: '\u001B[C', left: '\u001B[D', escape: '\u001B', enter: '\r', ctrlC: '\u0003' } as const;

/** `command` for a shell, in a terminal of that size. `mark` occurs in the arguments of the program, and of no other. */
export function openTerminal(command: string, { mark, cwd, columns = 80, rows = 24, env = {} }: { mark: string; cwd: string; columns?: number; rows?: number; env?: Readonly<Record<string, string>> }): PseudoTerminal {
  const child = spawn('/usr/bin/script', ['--quiet', '--flush', '--return', '--echo', 'never', '--command', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], { cwd, env: { ...process.env, TERM: 'xterm-256color', ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const emulator = new Emulator();
  child.stdout.setEncoding('utf8').on('data', (text: string) => emulator.write(text));
  const ended = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  const screen = () => emulator.text();
  return {
    screen,
    isOtherScreen: () => emulator.isOther,
    isCursorShown: () => emulator.isCursorShown,
    printed: () => emulator.printed,
    type: (keys) => void child.stdin.write(keys),
    shows: async (pattern) => {
      try {
        return await waitFor('the screen', () => (pattern.test(screen()) ? screen() : undefined));
      } catch (cause) {
        throw new Error(`${pattern} is not on the screen, which shows:\n${screen()}`, { cause });
      }
    },
    resize: async (toColumns, toRows) => {
      const program = (await processesWith(mark)).find(({ args }) => args.startsWith(process.execPath));
      const terminal = readlinkSync(`/proc/${program?.pid}/fd/0`);
      await execa('stty', ['-F', terminal, 'cols', String(toColumns), 'rows', String(toRows)]);
    },
    ended,
  };
}

const ESCAPE = '\u001B';

/** A sequence; or text; or an escape that begins none. */
const PIECES = new RegExp(`${ESCAPE}\\[([\\d;?]*)([A-Za-z])|([^${ESCAPE}]+|${ESCAPE})`, 'g');

/** A sequence may be cut between two reads. */
const CUT_SEQUENCE = new RegExp(`${ESCAPE}(?:\\[[\\d;?]*)?$`);

/** As much of a terminal as our frames use; whatever else comes is an error. */
class Emulator {
  isOther = false;
  isCursorShown = true;
  printed = '';
  #lines: string[] = [];
  #row = 0;
  #pending = '';

  text(): string {
    return Array.from(this.#lines, (line: string | undefined) => (line ?? '').trimEnd()).join('\n');
  }

  write(text: string): void {
    const all = this.#pending + text;
    const cut = CUT_SEQUENCE.exec(all);
    this.#pending = cut?.[0] ?? '';
    const whole = cut === null ? all : all.slice(0, cut.index);
    for (const [, parameters = '', final = '', plain = ''] of whole.matchAll(PIECES)) {
      if (plain === '') this.#control(parameters, final);
      else if (this.isOther) this.#lines[this.#row] = (this.#lines[this.#row] ?? '') + plain;
      else this.printed += plain;
    }
  }

  #control(parameters: string, final: string): void {
    if (final === 'm' || parameters === '?2026') return;
    if (parameters === '?1049') this.isOther = final === 'h';
    else if (parameters === '?25') this.isCursorShown = final === 'h';
    else if (final === 'J') this.#lines = [];
    else if (final === 'H') this.#goTo(parameters);
    else if (final !== 'K') throw new Error(`a sequence that no frame has: ${parameters}${final}`);
  }

  /** Lines are always written from their beginning to their end. */
  #goTo(parameters: string): void {
    const [row = '1', column = '1'] = parameters.split(';');
    if (column !== '1') throw new Error(`a line written from column ${column} on`);
    this.#row = Number(row) - 1;
    this.#lines[this.#row] = '';
  }
}
