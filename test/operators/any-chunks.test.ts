import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sumByKey } from '../../operators/lib/sums.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { chunksOf, cutPoints } from '../job/csv-samples.ts';
import { OPERATORS, anyStream } from './every-operator.ts';
import { applyTo } from './harness.ts';

describe('wherever the stream is cut into chunks, the output is the same', () => {
  test.each([...OPERATORS])('%s', (_, make) => {
    fc.assert(
      fc.property(anyStream, cutPoints, fc.constantFrom<Format>('csv', 'lines'), (bytes, cuts, format) => {
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
