import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block } from '../../../src/job/block.ts';
import { fieldsOf, quoteField, recordEnd } from '../../../src/job/csv-field.ts';
import { canTakeColumns, chooseColumns } from '../../../src/job/kernel/column-choice.ts';
import { extractPiece } from '../../../src/job/kernel/extract-piece.ts';
import { startOf } from '../../../src/job/kernel/piece.ts';
import type { Format } from '../../../src/job/stage-spec.ts';
import { blockOf, expectNothingBehindOut, kernel, litter } from './own-kernel.ts';
import { anyBytes, anyRecords } from './samples.ts';

/** The rows of a block, and how many pieces they came in. */
function extractAll(block: Block, columns: readonly number[]) {
  const choice = chooseColumns(columns);
  const rows: Buffer[] = [];
  for (let first = 0; first < block.count; ) {
    litter(rows.length + first);
    const { next, bytes } = extractPiece(kernel, block, first, choice);
    expect(next).toBeGreaterThan(first);
    rows.push(Buffer.from(bytes));
    expectNothingBehindOut();
    first = next;
  }
  return { rows: Buffer.concat(rows).toString('latin1'), pieces: rows.length };
}

function rowsOf(block: Block, columns: readonly number[]): string {
  return Array.from({ length: block.count }, (_, i) => {
    const [start, end] = [startOf(block, i), startOf(block, i + 1)];
    const values = fieldsOf(block.bytes, start, end);
    const fields = columns.map((column) => quoteField(values[column - 1] ?? Buffer.alloc(0)).toString('latin1'));
    return fields.join(',') + block.bytes.toString('latin1', recordEnd(block.bytes, start, end), end);
  }).join('');
}

const anyColumns = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 });
const anyFormat = fc.constantFrom<Format>('csv', 'lines');

test('rows hold the values of the chosen columns as CSV fields, whatever the tuples hold', () => {
  fc.assert(fc.property(fc.oneof(anyRecords, anyBytes), anyFormat, anyColumns, (bytes, format, columns) => {
    const block = blockOf(format, bytes);
    if (block !== undefined) expect(extractAll(block, columns).rows).toBe(rowsOf(block, columns));
  }), { numRuns: 2_000 });
});

test.each([
  ['repeated columns', [1, 1, 2, 1, 1, 2], `"some, ${'text'.repeat(300)}",x\n`],
  ['a quote that becomes four', [1], '"\n'],
  ['missing columns', Array.from({ length: 250 }, (_, i) => i + 3), '\n'],
])('rows longer than their tuples, by %s, come in several pieces and never reach beyond their room', (_, columns, tuple) => {
  const block = blockOf('lines', Buffer.from(tuple.repeat(Math.floor(131_072 / tuple.length / (columns.length > 100 ? 20 : 1)))));
  if (block === undefined) throw new Error('no block');
  const { rows, pieces } = extractAll(block, columns);
  expect(rows === rowsOf(block, columns)).toBe(true);
  expect(pieces).toBeGreaterThan(1);
});

test('there is room for any row of a tuple as long as a piece, if each column is in it once', () => {
  const { MAX_COLUMNS, PIECE_BYTES } = kernel.areas;
  const columns = Array.from({ length: MAX_COLUMNS }, (_, i) => MAX_COLUMNS - i);
  const fields = `a${'"'.repeat(200)},`.repeat(MAX_COLUMNS);
  const block = blockOf('lines', Buffer.from(`${fields.padEnd(PIECE_BYTES - 1, 'a"')}\n`));
  if (block === undefined) throw new Error('no block');
  expect(extractAll(block, columns).rows === rowsOf(block, columns)).toBe(true);
});

test('a tuple longer than a piece, or a row that might have no room, is left to the twin', () => {
  const block = blockOf('lines', Buffer.from(`a\n${'x'.repeat(200_000)}\nb\n${'y'.repeat(100_000)}\nc\n`));
  if (block === undefined) throw new Error('no block');
  const choice = chooseColumns([1, 1]);
  expect([0, 1, 2, 3, 4].map((first) => extractPiece(kernel, block, first, choice).next)).toEqual([1, 1, 3, 3, 5]);
});

test('more columns, or columns further behind, than there is room for are told', () => {
  const { MAX_COLUMNS, MAX_COLUMN_NUMBER } = kernel.areas;
  const columns = Array.from({ length: MAX_COLUMNS }, () => MAX_COLUMN_NUMBER);
  expect(canTakeColumns(kernel, chooseColumns(columns))).toBe(true);
  expect(canTakeColumns(kernel, chooseColumns([...columns, 1]))).toBe(false);
  expect(canTakeColumns(kernel, chooseColumns([MAX_COLUMN_NUMBER + 1]))).toBe(false);
});
