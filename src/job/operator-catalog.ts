import { RainstormError } from '../base/errors.ts';
import { expandRange, parseColumnSelectors, parseFilterArgument, parseKeyArgument, parseReplaceArgument, parseSeparatorArgument, parseSumArgument } from './operator-arguments.ts';
import type { ColumnReference, ColumnSelector } from './operator-arguments.ts';
import type { KeySpec } from './stage-spec.ts';
import { inQuotes, nearestName } from './suggest.ts';

/** The columns of an operator's output, given those of its input. */
export type OutputColumns =
  | { readonly kind: 'same' }
  | { readonly kind: 'projected'; readonly selectors: readonly ColumnSelector[] }
  /** The key's column, then these. */
  | { readonly kind: 'per-key'; readonly key: KeySpec; readonly values: readonly string[] }
  | { readonly kind: 'unknown' };

/** Looks a column up and gives its 1-based number. */
type ResolveColumn = (column: ColumnReference) => number;

/** An operator with its argument read. */
export interface OperatorUse {
  /** What it groups by, and so what its input must be partitioned by. */
  readonly key: KeySpec | undefined;
  /** Every column of the input that the argument refers to, the key's included. */
  readonly columns: readonly ColumnReference[];
  readonly output: OutputColumns;
  /** True when the output is lines whatever the input was; else the output has the input's format. */
  readonly emitsLines: boolean;
  /** The executable's arguments behind `--format`; columns are numbers in them. */
  args(resolve: ResolveColumn): readonly string[];
}

export interface Operator {
  readonly name: string;
  readonly argument: 'none' | 'optional' | 'required';
  /** How it is used, for messages and help. */
  readonly example: string;
  /** One line on what it does, for help. */
  readonly summary: string;
  /** Reads and checks the argument. Throws OPERATOR_ARGUMENT. */
  read(argument: string | undefined): OperatorUse;
}

const OPERATORS: readonly Operator[] = [
  {
    name: 'identity', argument: 'none', example: 'identity',
    summary: 'every tuple as it came',
    read: () => passThrough([]),
  },
  {
    name: 'filter', argument: 'optional', example: 'filter=Stop',
    summary: 'keeps tuples that contain a text or match a /regex/flags; without an argument, those that are not blank',
    read(argument) {
      parseFilterArgument(argument);
      return passThrough(argument === undefined ? [] : [argument]);
    },
  },
  {
    name: 'transform', argument: 'required', example: 'transform=1-3',
    summary: 'keeps these CSV columns, in this order: 1-3, \'1,4\' or header names',
    read: (argument = '') => readTransform(argument),
  },
  {
    name: 'replace', argument: 'required', example: 'replace=/colour/color/',
    summary: 'replaces all matches of a regex in a tuple: /regex/text/flags, with \\1 to \\9 and & in the text',
    read(argument = '') {
      parseReplaceArgument(argument);
      return passThrough([argument]);
    },
  },
  {
    name: 'flatmap', argument: 'optional', example: 'flatmap',
    summary: 'cuts a tuple into one line per piece, at a separator or a /regex/; without an argument, into words',
    read(argument) {
      parseSeparatorArgument(argument);
      return { ...passThrough(argument === undefined ? [] : [argument]), output: { kind: 'unknown' }, emitsLines: true };
    },
  },
  {
    name: 'aggregate', argument: 'optional', example: 'aggregate=3',
    summary: 'key,count for each key at the end; the key is a CSV column, default 1, or the whole line',
    read: (argument = '1') => readCount(argument),
  },
  {
    name: 'running-aggregate', argument: 'optional', example: 'running-aggregate=3',
    summary: 'key,count after each tuple; the key is a CSV column, default 1, or the whole line',
    read: (argument = '1') => readCount(argument),
  },
  {
    name: 'sum', argument: 'required', example: 'sum=1/3',
    summary: 'key,count,sum,min,max,mean of KEY/VALUE columns for each key at the end',
    read: (argument = '') => readSum(argument),
  },
];

/** What plans use besides, and nobody asks for by name (job/combine-counts). */
const INNER: readonly Operator[] = [
  {
    name: 'count-part', argument: 'optional', example: 'count-part=3',
    summary: 'key,count for each key, more than once where keys are many; the key is a CSV column, default 1, or the whole line',
    read: (argument = '1') => readCount(argument),
  },
  {
    name: 'add-counts', argument: 'none', example: 'add-counts',
    summary: 'key,count for each key at the end: the sum of the counts that came with it',
    read: () => readCount('1'),
  },
];

/** What all operators of ours promise: they hand out their state and take it back. */
export const OPERATOR_CONTRACT = 'snapshot';

const BY_NAME = new Map(OPERATORS.map((operator) => [operator.name, operator]));

export const OPERATOR_NAMES: readonly string[] = OPERATORS.map((operator) => operator.name);

/** All operators of ours, in the order in which help lists them. */
export function listOperators(): readonly Operator[] {
  return OPERATORS;
}

export function isOperator(name: string): boolean {
  return BY_NAME.has(name);
}

/** Reads and checks one use of an operator that is asked for. Throws UNKNOWN_OPERATOR or OPERATOR_ARGUMENT. */
export function readOperator(name: string, argument: string | undefined): OperatorUse {
  const operator = BY_NAME.get(name);
  if (operator === undefined) throw unknownOperator(name);
  return readUse(operator, argument);
}

/** As `readOperator`, for one that a plan may also use. */
export function readAnyOperator(name: string, argument: string | undefined): OperatorUse {
  const inner = INNER.find((operator) => operator.name === name);
  return inner === undefined ? readOperator(name, argument) : readUse(inner, argument);
}

function readUse(operator: Operator, argument: string | undefined): OperatorUse {
  const { name } = operator;
  if (operator.argument === 'none' && argument !== undefined) {
    throw new RainstormError('OPERATOR_ARGUMENT', `${name} takes no argument`, { hint: `Write ${operator.example} alone.` });
  }
  if (operator.argument === 'required' && argument === undefined) {
    throw new RainstormError('OPERATOR_ARGUMENT', `${name} needs an argument`, { hint: `As in ${operator.example}: ${operator.summary}.` });
  }
  return operator.read(argument);
}

/** The error for a name that is none of ours, with the nearest right one and the way to run a command. */
export function unknownOperator(name: string): RainstormError {
  const nearest = nearestName(name, [...OPERATOR_NAMES, 'cmd']);
  const guess = nearest === undefined ? '' : `Did you mean ${nearest}? `;
  return new RainstormError('UNKNOWN_OPERATOR', `there is no operator "${name}"`, {
    hint: `${guess}Operators are ${OPERATOR_NAMES.join(', ')}. A command of your own is written cmd=${inQuotes(name)}.`,
  });
}

function passThrough(args: readonly string[]): OperatorUse {
  return { key: undefined, columns: [], output: { kind: 'same' }, emitsLines: false, args: () => args };
}

function readTransform(argument: string): OperatorUse {
  const selectors = parseColumnSelectors(argument);
  const columns = selectors.flatMap((selector): ColumnReference[] => {
    // The end of a range stands for it: where that column exists, the others do.
    return selector.kind === 'header' ? [selector] : [{ kind: 'column', column: selector.to }];
  });
  return {
    key: undefined, columns, output: { kind: 'projected', selectors }, emitsLines: false,
    args: (resolve) => [selectors.map((selector) => formatSelector(selector, resolve)).join(',')],
  };
}

function formatSelector(selector: ColumnSelector, resolve: ResolveColumn): string {
  if (selector.kind === 'header') return String(resolve(selector));
  const to = resolve({ kind: 'column', column: selector.to });
  return expandRange({ from: selector.from, to }).join(',');
}

function readCount(argument: string): OperatorUse {
  const key = parseKeyArgument(argument);
  return {
    key, columns: key.kind === 'line' ? [] : [key], output: { kind: 'per-key', key, values: ['count'] }, emitsLines: false,
    args: (resolve) => [key.kind === 'line' ? 'line' : String(resolve(key))],
  };
}

function readSum(argument: string): OperatorUse {
  const { key, value } = parseSumArgument(argument);
  return {
    key, columns: [key, value], output: { kind: 'per-key', key, values: ['count', 'sum', 'min', 'max', 'mean'] }, emitsLines: false,
    args: (resolve) => [`${resolve(key)}/${resolve(value)}`],
  };
}
