import type { Block } from '../../src/job/block.ts';
import type { FieldSpan } from '../../src/job/csv-field.ts';
import { fieldSpan, fieldValue, needsQuotes, quoteField, readField, recordEnd } from '../../src/job/csv-field.ts';
import { type ColumnChoice, canTakeColumns, chooseColumns } from '../../src/job/kernel/column-choice.ts';
import { MIN_EXTRACT_BYTES, extractPiece } from '../../src/job/kernel/extract-piece.ts';
import { type Kernel, kernelFor } from '../../src/job/kernel/kernel.ts';
import { sliceBlock } from '../../src/job/slice-block.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import type { Output } from '../../src/kit/output.ts';

const COMMA = 0x2c;

/** What `transform` does: the given columns (numbered from 1) of each record, in the given order; those not there are empty. */
export function keepColumns(columns: readonly number[]): BlockOperator {
  const choice = chooseColumns(columns);
  const spans: FieldSpan[] = [];
  return {
    take(block, output) {
      const kernel = kernelFor(block.bytes.length, MIN_EXTRACT_BYTES);
      if (kernel === undefined || !canTakeColumns(kernel, choice)) writeRows(block, choice, spans, output);
      else writeByKernel(kernel, block, choice, spans, output);
    },
  };
}

function writeByKernel(kernel: Kernel, block: Block, choice: ColumnChoice, spans: FieldSpan[], output: Output): void {
  for (let first = 0; first < block.count; ) {
    const { next, bytes } = extractPiece(kernel, block, first, choice);
    if (next > first) output.bytes(bytes);
    // A tuple that the kernel has no room for is taken alone.
    else writeRows(sliceBlock(block, first, first + 1), choice, spans, output);
    first = Math.max(next, first + 1);
  }
}

function writeRows({ bytes, count, ends }: Block, { columns, last }: ColumnChoice, spans: FieldSpan[], output: Output): void {
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = ends[i] ?? 0;
    const limit = recordEnd(bytes, start, end);
    const found = readFields(bytes, start, limit, last, spans);
    for (let k = 0; k < columns.length; k++) {
      if (k > 0) output.byte(COMMA);
      const column = columns[k] ?? 0;
      const span = column <= found ? spans[column - 1] : undefined;
      if (span !== undefined) writeField(bytes, span, output);
    }
    // The newline, and the CR before it where there is one.
    output.bytes(bytes, limit, end);
    start = end;
  }
}

/** Reads a record's first `last` fields into `spans`, which grows as needed; gives how many there are. */
function readFields(bytes: Buffer, start: number, limit: number, last: number, spans: FieldSpan[]): number {
  let at = start;
  let found = 0;
  while (found < last && at <= limit) {
    const span = (spans[found] ??= fieldSpan());
    readField(bytes, at, limit, span);
    found++;
    at = span.next + 1;
  }
  return found;
}

function writeField(bytes: Buffer, span: FieldSpan, output: Output): void {
  if (span.escaped || needsQuotes(bytes, span.start, span.end)) output.bytes(quoteField(fieldValue(bytes, span)));
  else output.bytes(bytes, span.start, span.end);
}
