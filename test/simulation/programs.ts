/** What the simulated operators compute: deterministic functions from lines to lines. */

export interface Program {
  /** Takes one line without newline, gives the lines it prints for it. */
  line(text: string): string[];
  /** At the end of input. */
  end(): string[];
  /** True when it wants no more. */
  readonly enough: boolean;
  /** What another of its kind can go on with. */
  state(): string;
}

export type ProgramKind = 'copy' | 'explode' | 'running' | 'count' | 'sum' | 'head';

/** `state`: what one of this kind handed out, or nothing. */
export function makeProgram(kind: ProgramKind, state = ''): Program {
  switch (kind) {
    case 'copy':
      return { line: (text) => [text], end: () => [], enough: false, state: () => '' };
    case 'explode':
      return { line: explode, end: () => [], enough: false, state: () => '' };
    case 'running':
      return running(Number(state));
    case 'count':
      return totals(state, () => 1);
    case 'sum':
      return totals(state, valueOf);
    case 'head':
      return head(Number(state));
  }
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

/** One line for each key at the end, which it can take for input again where the value is what it adds up. */
function totals(from: string, value: (text: string) => number): Program {
  const sums = new Map<string, number>(from === '' ? [] : (JSON.parse(from) as [string, number][]));
  return {
    line(text) {
      const key = text.split(',')[0] ?? '';
      sums.set(key, (sums.get(key) ?? 0) + value(text));
      return [];
    },
    end: () => [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => `${key},${sum}`),
    enough: false,
    state: () => JSON.stringify([...sums]),
  };
}

function valueOf(text: string): number {
  const value = Number.parseInt(text.split(',')[1] ?? '', 10);
  return Number.isNaN(value) ? 1 : value;
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
