import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block } from '../../../src/job/block.ts';
import { fieldSpan, locateField, needsQuotes } from '../../../src/job/csv-field.ts';
import { chooseColumns } from '../../../src/job/kernel/column-choice.ts';
import { NOWHERE, locatePiece } from '../../../src/job/kernel/locate-piece.ts';
import { startOf } from '../../../src/job/kernel/piece.ts';
import type { Format } from '../../../src/job/stage-spec.ts';
import { blockOf, expectNothingBehindOut, kernel, litter } from './own-kernel.ts';
import { anyBytes, anyRecords } from './samples.ts';

/** Where the columns of each tuple stand, and in how many pieces that was found. */
function locateAll(block: Block, columns: readonly number[]) {
  const choice = chooseColumns(columns);
  const spans: number[][] = [];
  let pieces = 0;
  for (let first = 0; first < block.count; pieces++) {
    litter(pieces + first);
    const located = locatePiece(kernel, block, first, choice);
    expect(located.next).toBeGreaterThan(first);
    expect(located.spans.length).toBe((located.next - first) * columns.length * 2);
    for (let at = 0; at < located.spans.length; at += 2) spans.push([...located.spans.subarray(at, at + 2)]);
    expectNothingBehindOut();
    first = located.next;
  }
  return { spans, pieces };
}

/** What `locateField` says; nowhere for what is missing, or has a mark of CSV in it or around it that the kernel leaves out. */
function spansOf(block: Block, columns: readonly number[]): number[][] {
  const span = fieldSpan();
  return Array.from({ length: block.count }, (_, i) => columns.map((column) => {
    const there = locateField(block.bytes, startOf(block, i), startOf(block, i + 1), column, span);
    const { start, end, escaped, next } = span;
    const isQuoted = !escaped && end !== next;
    const isOpen = !escaped && !isQuoted && end > start && block.bytes[start] === 0x22;
    if (!there || escaped || isOpen || (isQuoted && needsQuotes(block.bytes, start, end))) return [NOWHERE, NOWHERE];
    return [start, end];
  })).flat();
}

const anyColumns = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const anyFormat = fc.constantFrom<Format>('csv', 'lines');

test('columns are found where they stand, or left to be looked for, whatever the tuples hold', () => {
  fc.assert(fc.property(fc.oneof(anyRecords, anyBytes), anyFormat, anyColumns, (bytes, format, columns) => {
    const block = blockOf(format, bytes);
    if (block !== undefined) expect(locateAll(block, columns).spans).toEqual(spansOf(block, columns));
  }), { numRuns: 2_000 });
});

test('more places than there is room for come in several pieces and never reach beyond it', () => {
  const block = blockOf('lines', Buffer.from('a,"b",c\n\n'.repeat(2_000)));
  if (block === undefined) throw new Error('no block');
  for (const length of [1, 7, 250]) {
    const columns = Array.from({ length }, (_, i) => (i % 4) + 1);
    const { spans, pieces } = locateAll(block, columns);
    expect(spans).toEqual(spansOf(block, columns));
    expect(pieces).toBe(length === 250 ? 29 : 1);
  }
});

test('a tuple longer than a piece is left to the twin', () => {
  const block = blockOf('lines', Buffer.from(`a\n${'x'.repeat(200_000)}\nb\n`));
  if (block === undefined) throw new Error('no block');
  expect([0, 1, 2].map((first) => locatePiece(kernel, block, first, chooseColumns([1])).next)).toEqual([1, 1, 3]);
});
