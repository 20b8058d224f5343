/** How two outputs differ, in words and as an example for people. */
import { shorten } from '../job/suggest.ts';
import { escapeTuple } from '../task/escape-tuple.ts';
import type { Example } from './finding.ts';

/** Of the input, in an example. */
const SHOWN_TUPLES = 5;
const SHOWN_CHARACTERS = 100;

/** `order`: the same lines in another order. */
export type Difference = 'none' | 'order' | 'content';

export function differenceOf(expected: Buffer, got: Buffer): Difference {
  if (expected.equals(got)) return 'none';
  return sortedLines(expected).equals(sortedLines(got)) ? 'order' : 'content';
}

export interface Case {
  readonly how: string;
  readonly input: readonly Buffer[];
  readonly expected: Buffer;
  readonly got: Buffer;
}

/** Shows the first lines that differ; where only the order does, those are moved lines. */
export function exampleOf({ how, input, expected, got }: Case): Example {
  const [wanted, found] = [linesOf(expected), linesOf(got)];
  const at = wanted.findIndex((line, index) => found[index] !== line);
  const first = at === -1 ? wanted.length : at;
  return {
    how,
    input: input.slice(0, SHOWN_TUPLES).map(showTuple),
    inputTuples: input.length,
    expected: show(wanted[first]),
    got: show(found[first]),
  };
}

/** A tuple as it can be shown in one line. */
export function showTuple(tuple: Buffer): string {
  const end = tuple.at(-1) === 0x0a ? tuple.length - 1 : tuple.length;
  return shorten(escapeTuple(tuple, 0, end).toString(), SHOWN_CHARACTERS);
}

function show(line: string | undefined): string | undefined {
  return line === undefined ? undefined : showTuple(Buffer.from(line, 'latin1'));
}

/** latin1, so that bytes that are no text stay different from each other. */
function linesOf(output: Buffer): string[] {
  const lines = output.toString('latin1').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function sortedLines(output: Buffer): Buffer {
  return Buffer.from(linesOf(output).toSorted().join('\n'), 'latin1');
}
