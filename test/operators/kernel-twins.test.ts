/** Operators of ours that work with the kernel put out what they do without it. */
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { addCounts, countAtEnd, countPart, countRunning } from '../../operators/lib/counts.ts';
import { keepColumns } from '../../operators/lib/keep-columns.ts';
import { keepWithText } from '../../operators/lib/keep.ts';
import type { NumberedKey } from '../../operators/lib/keys.ts';
import { sumByKey } from '../../operators/lib/sums.ts';
import { type KernelUse, useKernel } from '../../src/job/kernel/kernel.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { TupleStream } from '../../src/kit/tuple-stream.ts';
import { chunksOf } from '../job/csv-samples.ts';
import { anyBytes, anyCuts, anyRecords } from '../job/kernel/samples.ts';

afterAll(() => useKernel('measured'));

interface Result {
  readonly output: string;
  readonly state: string;
}

function run(use: KernelUse, make: () => BlockOperator, format: Format, chunks: readonly Buffer[]): Result {
  useKernel(use);
  const stream = new TupleStream(format, make());
  const pieces = chunks.map((chunk) => stream.push(chunk));
  const state = stream.state().toString('latin1');
  // Not `end`, which refuses a quote that is open: what comes then is the same for all.
  try {
    return { output: Buffer.concat([...pieces, ...stream.end()]).toString('latin1'), state };
  } catch (error) {
    return { output: String(error), state };
  }
}

/** As `run`, or the error that a bad value gives. */
function attempt(...args: Parameters<typeof run>): Result | string {
  try {
    return run(...args);
  } catch (error) {
    return String(error);
  }
}

const anyKey = fc.oneof(fc.constant<NumberedKey>({ kind: 'line' }), fc.integer({ min: 1, max: 8 }).map<NumberedKey>((column) => ({ kind: 'column', column })));
const anyText = fc.oneof(
  fc.constantFrom('a', '"', ',', 'key', ',a', '"\n', '\n', '\na', 'xx', '\r', 'x'.repeat(65)),
  fc.string({ unit: fc.constantFrom('a', 'k', 'x', 'y', ',', '"', '\n'), minLength: 1, maxLength: 6 }),
);
const anyColumns = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 });
const anyStream = fc.oneof(anyBytes, anyRecords);
const anyFormat = fc.constantFrom<Format>('csv', 'lines');

function twinsAgree(anyMake: fc.Arbitrary<() => BlockOperator>): void {
  fc.assert(fc.property(anyMake, anyStream, anyCuts, anyFormat, (make, bytes, cuts, format) => {
    const chunks = chunksOf(bytes, cuts);
    expect(run('always', make, format, chunks)).toEqual(run('never', make, format, chunks));
    expect(run('always', make, format, [bytes])).toEqual(run('never', make, format, [bytes]));
  }), { numRuns: 300 });
}

describe('with and without the kernel, output and state are the same', () => {
  test('filter', () => twinsAgree(anyText.map((text) => () => keepWithText(Buffer.from(text)))));
  test('transform', () => twinsAgree(anyColumns.map((columns) => () => keepColumns(columns))));
  test('aggregate', () => twinsAgree(anyKey.map((key) => () => countAtEnd(key))));
  test('count-part', () => twinsAgree(anyKey.map((key) => () => countPart(key, 3))));
  test('running-aggregate', () => twinsAgree(anyKey.map((key) => () => countRunning(key))));

  test('add-counts', () => {
    const row = fc.tuple(fc.constantFrom('', 'a', '"a"', '"a,b"', '"k""ey"', 'x'.repeat(70)), fc.oneof({ weight: 50, arbitrary: fc.nat().map(String) }, { weight: 1, arbitrary: fc.constantFrom('', 'x') }));
    const rows = fc.array(row, { minLength: 1, maxLength: 60 }).map((all) => Buffer.from(all.map((fields) => `${fields.join(',')}\n`).join('')));
    fc.assert(fc.property(rows, anyCuts, anyFormat, (bytes, cuts, format) => {
      const outcome = (use: KernelUse) => {
        try {
          return run(use, () => addCounts(), format, chunksOf(bytes, cuts));
        } catch (error) {
          return String(error);
        }
      };
      expect(outcome('always')).toEqual(outcome('never'));
    }));
  });

  test('sum', () => {
    const key = fc.constantFrom('', 'a', '"a"', '"a,b"', '"k""ey"', 'x'.repeat(70), '"a"b', 'c\rr');
    const value = fc.constantFrom('1', '-2.50', '"3"', '"+.5"', '1e3', ' 7 ', '12345678901234567890', '"4"5', '0.1', '0.1');
    // Seldom, so that most streams come to their end.
    const bad = fc.constantFrom('', 'x', '"1,5"', '-', 'NaN');
    const values = fc.oneof({ weight: 200, arbitrary: value }, { weight: 1, arbitrary: bad });
    const row = fc.tuple(key, values, key, fc.constantFrom('\n', '\r\n')).map(([first, second, third, end]) => `${first},${second},${third}${end}`);
    const rows = fc.array(row, { minLength: 1, maxLength: 60 }).map((all) => Buffer.from(all.join('')));
    fc.assert(fc.property(rows, anyCuts, anyFormat, fc.constantFrom(1, 3, 4), (bytes, cuts, format, keyColumn) => {
      const make = () => sumByKey(keyColumn, 2);
      const all = chunksOf(bytes, cuts);
      const results = [[bytes], all].map((chunks) => [attempt('always', make, format, chunks), attempt('never', make, format, chunks)]);
      for (const [withKernel, without] of results) expect(withKernel).toEqual(without);
    }), { numRuns: 500 });
  });

  test('sum of tuples longer than the kernel takes at once', () => {
    const rows = Buffer.from(`a,1\n"${'b""'.repeat(60_000)}",1\n${'c'.repeat(400_000)},2\na,2.5\n"${'d'.repeat(100_000)}",3\n`);
    const make = () => sumByKey(1, 2);
    for (const chunks of [[rows], chunksOf(rows, [65_536])]) expect(run('always', make, 'csv', chunks)).toEqual(run('never', make, 'csv', chunks));
  });

  const long = Buffer.from(`a,1\n"${'b""'.repeat(60_000)}",1\n${'c'.repeat(400_000)},2\na,2\n"${'"'.repeat(100_000)}",3\nb,x\n`);
  test.each<[string, () => BlockOperator]>([
    ['filter', () => keepWithText(Buffer.from('c,2'))],
    ['filter by a long text', () => keepWithText(Buffer.from('c'.repeat(4_096)))],
    ['filter by a text longer than the kernel looks for', () => keepWithText(Buffer.from('c'.repeat(4_097)))],
    ['transform', () => keepColumns([2, 1])],
    ['transform to rows longer than the kernel has room for', () => keepColumns([1, 2, 1, 1])],
    ['aggregate', () => countAtEnd({ kind: 'column', column: 1 })],
    ['aggregate by line', () => countAtEnd({ kind: 'line' })],
    ['running-aggregate', () => countRunning({ kind: 'column', column: 1 })],
  ])('%s of tuples longer than the kernel takes at once', (_, make) => {
    for (const chunks of [[long], chunksOf(long, [65_536])]) expect(run('always', make, 'csv', chunks)).toEqual(run('never', make, 'csv', chunks));
  });

  test.each([
    ['more columns than the kernel takes', Array.from({ length: 257 }, (_, i) => (i % 3) + 1)],
    ['a column further behind than the kernel looks', [1_025, 2]],
    ['as many columns as the kernel takes, up to the last one', Array.from({ length: 256 }, (_, i) => 1_024 - i)],
  ])('transform with %s', (_, columns) => {
    const row = Array.from({ length: 1_100 }, (_, i) => (i % 5 === 0 ? `"x, ${i}"` : i)).join(',');
    const rows = Buffer.from(`a,b,"c"\r\n${row}\n`.repeat(40));
    const make = () => keepColumns(columns);
    expect(run('always', make, 'csv', [rows])).toEqual(run('never', make, 'csv', [rows]));
  });

  test('running-aggregate of tuples so short that their rows are many times as long', () => {
    const lines = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `${i % 97 === 0 ? '"' : i % 7}\n`).join(''));
    const make = () => countRunning({ kind: 'line' });
    expect(run('always', make, 'lines', [lines])).toEqual(run('never', make, 'lines', [lines]));
  });

  test('aggregate of a great many keys that begin alike', () => {
    const rows = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `"${'same, '.repeat(i % 7)}${i % 30_011}"\n`).join(''));
    const make = () => countAtEnd({ kind: 'column', column: 1 });
    expect(run('always', make, 'csv', chunksOf(rows, [65_536]))).toEqual(run('never', make, 'csv', [rows]));
  });
});
