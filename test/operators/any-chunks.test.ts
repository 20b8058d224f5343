import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAtEnd, countRunning } from '../../operators/lib/counts.ts';
import { cutAtPattern, cutAtText, cutIntoWords } from '../../operators/lib/cut.ts';
import { keepColumns } from '../../operators/lib/keep-columns.ts';
import { keepMatching, keepNotBlank, keepWithText } from '../../operators/lib/keep.ts';
import { compilePattern } from '../../operators/lib/pattern.ts';
import { replaceMatches } from '../../operators/lib/replace-matches.ts';
import { sumByKey } from '../../operators/lib/sums.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { chunksOf, cutPoints } from '../job/csv-samples.ts';
import { applyTo } from './harness.ts';

const pattern = (source: string, flags = '') => compilePattern({ source, flags: '' }, flags);

const OPERATORS = new Map<string, () => BlockOperator>(Object.entries({
  'filter with a text': () => keepWithText(Buffer.from('ab')),
  'filter with a text that has a newline': () => keepWithText(Buffer.from('a\n')),
  'filter with a regex': () => keepMatching(pattern('^a|é$')),
  'filter': () => keepNotBlank(),
  'transform': () => keepColumns([3, 1, 1]),
  'replace': () => replaceMatches({ source: 'a(.?)', flags: '', replacement: '<$01é>' }),
  'flatmap': () => cutIntoWords(),
  'flatmap with a text': () => cutAtText(Buffer.from('a,')),
  'flatmap with a text that has a newline': () => cutAtText(Buffer.from('\na')),
  'flatmap with a regex': () => cutAtPattern(pattern('[, ]|(b)', 'g')),
  'aggregate': () => countAtEnd({ kind: 'column', column: 2 }),
  'aggregate by line': () => countAtEnd({ kind: 'line' }),
  'running-aggregate': () => countRunning({ kind: 'column', column: 1 }),
}));

/** Lines and records with bytes of every kind, invalid UTF-8 among them. */
const stream = fc
  .array(fc.constantFrom('a', 'ab', 'a,b', '"a\nb"', '"a""b",', ' ', '\n', '\n', '\r\n', ',', '\xff', '\xc3\xa9', '\0', '\t'), { maxLength: 30 })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

describe('wherever the stream is cut into chunks, the output is the same', () => {
  test.each([...OPERATORS])('%s', (_, make) => {
    fc.assert(
      fc.property(stream, cutPoints, fc.constantFrom<Format>('csv', 'lines'), (bytes, cuts, format) => {
        const run = (chunks: readonly Buffer[]) => {
          try {
            return applyTo(make(), format, chunks).toString('latin1');
          } catch (error) {
            return String(error);
          }
        };
        expect(run(chunksOf(bytes, cuts))).toBe(run([bytes]));
      }),
      { numRuns: 300 },
    );
  });

  test('sum', () => {
    const row = fc.tuple(fc.constantFrom('a', '"b"', 'b', '"x,y"'), fc.constantFrom('1', '2.50', '-0.1', '1e3', ' 7 ', '"8"', '123456789012345678901234567890'));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), cutPoints, (rows, cuts) => {
        const bytes = Buffer.from(rows.map((fields) => `${fields.join(',')}\n`).join(''));
        expect(applyTo(sumByKey(1, 2), 'csv', chunksOf(bytes, cuts)).toString()).toBe(applyTo(sumByKey(1, 2), 'csv', [bytes]).toString());
      }),
      { numRuns: 300 },
    );
  });
});
