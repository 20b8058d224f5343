import type { Block } from '../../src/job/block.ts';
import { columnsBehind, parseHeaderRow, resolveColumn } from '../../src/job/columns.ts';
import type { Columns } from '../../src/job/columns.ts';
import { quoteField, recordEnd } from '../../src/job/csv-field.ts';
import type { OperatorUse } from '../../src/job/operator-catalog.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { Output } from '../../src/kit/output.ts';

/** The header of an operator's input, if it has one: names columns in the argument, and heads the output. */
export class Header {
  readonly #use: OperatorUse;
  #columns: Columns = { kind: 'unknown', why: 'without --header the first record is a tuple' };

  constructor(use: OperatorUse) {
    this.#use = use;
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
  write(row: Buffer, output: Output): void {
    if (this.#use.output.kind === 'same') {
      output.bytes(row);
      return;
    }
    const columns = columnsBehind(this.#use.output, this.#columns, 'the operator');
    if (columns.kind === 'unknown') return;
    for (const [i, name] of columns.names.entries()) {
      if (i > 0) output.latin1(',');
      output.bytes(quoteField(Buffer.from(name)));
    }
    // Rows made of the input's own columns end as they did, and the header with them.
    output.bytes(row, this.#use.output.kind === 'projected' ? recordEnd(row, 0, row.length) : row.length - 1);
  }
}

/** The block without its first tuple; undefined when that was all. */
export function withoutHeader(block: Block): Block | undefined {
  if (block.count === 1) return undefined;
  const start = block.ends[0] ?? 0;
  const ends = block.ends.subarray(1, block.count).map((end) => end - start);
  return { bytes: block.bytes.subarray(start), count: block.count - 1, ends };
}
