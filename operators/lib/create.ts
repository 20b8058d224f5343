/** What each operator does, made from its argument. */
import { invariant } from '../../src/base/errors.ts';
import { parseColumnList, parseFilterArgument, parseReplaceArgument, parseSeparatorArgument, parseSumArgument } from '../../src/job/operator-arguments.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { addCounts, countAtEnd, countPart, countRunning } from './counts.ts';
import { cutAtPattern, cutAtText, cutIntoWords } from './cut.ts';
import { keepColumns } from './keep-columns.ts';
import { keepMatching, keepNotBlank, keepWithText } from './keep.ts';
import { readKey } from './keys.ts';
import { compilePattern } from './pattern.ts';
import { replaceMatches } from './replace-matches.ts';
import { sumByKey } from './sums.ts';

/** In the argument columns are numbers by then. Throws OPERATOR_ARGUMENT. */
type CreateOperator = (argument: string | undefined, format: Format) => BlockOperator;

const CREATE = {
  'aggregate': (argument) => countAtEnd(readKey(argument)),
  'add-counts': () => addCounts(),
  'count-part': (argument) => countPart(readKey(argument)),
  'filter': filter,
  'flatmap': flatmap,
  'identity': () => ({ take: (block, output) => output.bytes(block.bytes) }),
  'replace': (argument = '') => replaceMatches(parseReplaceArgument(argument)),
  'running-aggregate': (argument) => countRunning(readKey(argument)),
  'sum': sum,
  'transform': (argument = '') => keepColumns(parseColumnList(argument)),
} satisfies Record<string, CreateOperator>;

/** The name of an operator that there is. */
export type OperatorName = keyof typeof CREATE;

export function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(CREATE, name);
}

export function createOperator(name: OperatorName, argument: string | undefined, format: Format): BlockOperator {
  const create: CreateOperator = CREATE[name];
  return create(argument, format);
}

function filter(argument: string | undefined): BlockOperator {
  const wanted = parseFilterArgument(argument);
  if (wanted.kind === 'text') return keepWithText(Buffer.from(wanted.text));
  return wanted.kind === 'regex' ? keepMatching(compilePattern(wanted)) : keepNotBlank();
}

function flatmap(argument: string | undefined): BlockOperator {
  const separator = parseSeparatorArgument(argument);
  if (separator.kind === 'text') return cutAtText(Buffer.from(separator.text));
  return separator.kind === 'regex' ? cutAtPattern(compilePattern(separator, 'g')) : cutIntoWords();
}

function sum(argument = ''): BlockOperator {
  const { key, value } = parseSumArgument(argument);
  invariant(key.kind === 'column' && value.kind === 'column', 'names have become numbers before an operator is made');
  return sumByKey(key.column, value.column);
}
