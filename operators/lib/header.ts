import type { Block } from '../../src/job/block.ts';
import { columnsBehind, parseHeaderRow, resolveColumn } from '../../src/job/columns.ts';
import type { Columns } from '../../src/job/columns.ts';
import { quoteField } from '../../src/job/csv-field.ts';
import type { OperatorUse } from '../../src/job/operator-catalog.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { Output } from './output.ts';
import type { TupleOperator } from './tuple-operator.ts';

/** The header of an operator's input, if it has one: names columns in the argument, and heads the output. */
export class Header {
  /** True when the first record is to be read as a header. */
  readonly expected: boolean;
  readonly #use: OperatorUse;
  #columns: Columns = { kind: 'unknown', why: 'without --header the first record is a tuple' };

  constructor(use: OperatorUse, expected: boolean) {
    this.#use = use;
    this.expected = expected;
  }

  /** Reads the header row, newline included. Throws SOURCE_FORMAT. */
  read(row: Buffer, format: Format): void {
    this.#columns = { kind: 'known', names: parseHeaderRow(row.subarray(0, row.length - 1), format) };
  }

  /** The operator's argument with numbers for names. Throws UNKNOWN_COLUMN. */
  argument(): string | undefined {
    return this.#use.args((column) => resolveColumn(column, this.#columns))[0];
  }

  /** Puts out the header that fits the operator's output; none where that has no columns. */
  write(row: Buffer, operator: TupleOperator, output: Output): void {
    const { output: kind } = this.#use;
    if (kind.kind === 'same') output.bytes(row);
    else if (kind.kind === 'projected') operator.take({ bytes: row, count: 1, ends: Uint32Array.of(row.length) }, output, 1);
    else {
      const columns = columnsBehind(kind, this.#columns, 'the operator');
      if (columns.kind === 'known') output.utf8(`${columns.names.map((name) => quoteField(Buffer.from(name)).toString()).join(',')}\n`);
    }
  }
}

/** The block without its first tuple; undefined when that was all. */
export function withoutHeader(block: Block): Block | undefined {
  if (block.count === 1) return undefined;
  const start = block.ends[0] ?? 0;
  const ends = block.ends.subarray(1, block.count).map((end) => end - start);
  return { bytes: block.bytes.subarray(start), count: block.count - 1, ends };
}
