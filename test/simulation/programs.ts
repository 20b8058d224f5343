/** What the simulated operators compute: deterministic functions from lines to lines. */

export interface Program {
  /** Takes one line without newline, gives the lines it prints for it. */
  line(text: string): string[];
  /** At the end of input. */
  end(): string[];
  /** True when it wants no more. */
  readonly enough: boolean;
}

export type ProgramKind = 'copy' | 'explode' | 'running' | 'count' | 'head';

export function makeProgram(kind: ProgramKind): Program {
  switch (kind) {
    case 'copy':
      return { line: (text) => [text], end: () => [], enough: false };
    case 'explode':
      return { line: explode, end: () => [], enough: false };
    case 'running':
      return running();
    case 'count':
      return count();
    case 'head':
      return head();
  }
}

/** None to three lines for each. */
function explode(text: string): string[] {
  return Array.from({ length: hash(text) % 4 }, (_, index) => `k${hash(`${text}/${index}`) % 7},${text}.${index}`);
}

/** Each output depends on the order of all input before it. */
function running(): Program {
  let state = 0;
  return {
    line(text) {
      state = hash(`${state}:${text}`);
      return [`${text}|${state % 100_003}`];
    },
    end: () => [`last|${state}`],
    enough: false,
  };
}

function count(): Program {
  const counts = new Map<string, number>();
  return {
    line(text) {
      const key = text.split(',')[0] ?? '';
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return [];
    },
    end: () => [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key},${value}`),
    enough: false,
  };
}

const HEAD_LINES = 5;

function head(): Program {
  let seen = 0;
  return {
    line(text) {
      seen += 1;
      return seen > HEAD_LINES ? [] : [text];
    },
    end: () => [],
    get enough() {
      return seen >= HEAD_LINES;
    },
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
