/** What the simulated operators compute: functions from lines to lines, deterministic but for one. */

export interface Program {
  /** Takes one line without newline, gives the lines it prints for it. */
  line(text: string): string[];
  /** At the end of input. */
  end(): string[];
  /** True when it wants no more. */
  readonly enough: boolean;
  /** True when it has died of the last line; what it had printed of that may come out. */
  readonly dead?: boolean;
  /** What another of its kind can go on with. */
  state(): string;
}

export type ProgramKind = 'copy' | 'explode' | 'running' | 'count' | 'sum' | 'head' | 'chance';

/** `state`: what one of this kind handed out, or nothing. `mark`: four digits that no other process of the job has. */
export function makeProgram(kind: ProgramKind, state = '', mark = NO_MARK): Program {
  switch (kind) {
    case 'copy':
      return { line: (text) => [text], end: () => [], enough: false, state: () => '' };
    case 'explode':
      return { line: explode, end: () => [], enough: false, state: () => '' };
    case 'running':
      return running(Number(state));
    case 'count':
      return count(state);
    case 'sum':
      return sum(state);
    case 'head':
      return head(Number(state));
    case 'chance':
      return { line: (text) => [`${text},${mark}`], end: () => [], enough: false, state: () => '' };
  }
}

/** Whether a program dies of certain lines, and whether it prints something before it does. */
export type Frailty = 'none' | 'silent' | 'loud';

/** State that was printed for the next of its kind is no input. */
export function isPoison(line: string): boolean {
  return hash(line) % 13 === 0 && !line.endsWith('~');
}

export function frail(program: Program, frailty: Frailty): Program {
  if (frailty === 'none') return program;
  let dead = false;
  return {
    line(text) {
      dead = isPoison(text);
      if (!dead) return program.line(text);
      return frailty === 'loud' ? [`cannot read ${text}`] : [];
    },
    end: () => program.end(),
    get enough() {
      return program.enough;
    },
    get dead() {
      return dead;
    },
    state: () => program.state(),
  };
}

const NO_MARK = '0000';

/** As a program of chance without a mark of its own would have printed it. */
export function withoutMark(line: string): string {
  return line.replace(/\d{4}$/, NO_MARK);
}

/** None to three lines for each. */
function explode(text: string): string[] {
  return Array.from({ length: hash(text) % 4 }, (_, index) => `k${hash(`${text}/${index}`) % 7},${text}.${index}`);
}

/** Each output depends on the order of all input before it. */
function running(from: number): Program {
  let last = from;
  return {
    line(text) {
      last = hash(`${last}:${text}`);
      return [`${text}|${last % 100_003}`];
    },
    end: () => [`last|${last}`],
    enough: false,
    state: () => String(last),
  };
}

/** It prints something even where it was fed nothing. */
function count(from: string): Program {
  const counts = new Map<string, number>(from === '' ? [] : (JSON.parse(from) as [string, number][]));
  return {
    line(text) {
      const key = keyOf(text);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return [];
    },
    end: () => [`all,${counts.size}`, ...[...counts].toSorted(byKey).map(([key, value]) => `${key},${value}`)],
    enough: false,
    state: () => JSON.stringify([...counts]),
  };
}

/** It can take what it printed for input again, but marks it each time: one that is folded once too often shows. */
function sum(from: string): Program {
  const sums = new Map<string, { value: number; folds: number }>(from === '' ? [] : (JSON.parse(from) as [string, { value: number; folds: number }][]));
  return {
    line(text) {
      const before = sums.get(keyOf(text)) ?? { value: 0, folds: 0 };
      const value = Number.parseInt(text.split(',')[1] ?? '', 10);
      const folds = /~*$/.exec(text)?.[0].length ?? 0;
      sums.set(keyOf(text), { value: before.value + (Number.isNaN(value) ? 1 : value), folds: Math.max(before.folds, folds) });
      return [];
    },
    end: () => [...sums].toSorted(byKey).map(([key, { value, folds }]) => `${key},${value}${'~'.repeat(folds + 1)}`),
    enough: false,
    state: () => JSON.stringify([...sums]),
  };
}

function keyOf(text: string): string {
  return text.split(',')[0] ?? '';
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

const HEAD_LINES = 5;

function head(from: number): Program {
  let seen = from;
  return {
    line(text) {
      seen += 1;
      return seen > HEAD_LINES ? [] : [text];
    },
    end: () => [],
    get enough() {
      return seen >= HEAD_LINES;
    },
    state: () => String(seen),
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
