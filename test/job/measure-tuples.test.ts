import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { countNewlines } from '../../src/job/count-newlines.ts';
import { type KernelUse, useKernel } from '../../src/job/kernel/kernel.ts';
import { measureTuples } from '../../src/job/measure-tuples.ts';
import { RecordScanner } from '../../src/job/record-scanner.ts';
import type { Format } from '../../src/job/stage-spec.ts';

afterEach(() => useKernel('measured'));

const part = fc.constantFrom('a', 'b,c', '"x\ny"', '"p""q\n"', ',', '\n', '\n', '\r\n', '"', 'q"q', '"u"v"', ' '.repeat(61), '\0', '\xff');

const stretch = fc.tuple(fc.array(part, { maxLength: 60 }), fc.constantFrom(1, 1, 7, 900)).map(([parts, times]) => Buffer.from(parts.join('').repeat(times), 'latin1'));

describe.each<KernelUse>(['always', 'never'])('with the kernel %s', (use) => {
  test.each<Format>(['csv', 'lines'])('%s: as many tuples as a scanner finds, and where the last of them ends', (format) => {
    useKernel(use);
    fc.assert(fc.property(stretch, (bytes) => {
      const scanner = new RecordScanner(format);
      const count = scanner.scan(bytes);
      const end = scanner.ends[count - 1] ?? 0;
      expect(measureTuples(bytes, format)).toEqual({ count, bytes: end, lines: countNewlines(bytes.subarray(0, end)) });
    }), { numRuns: 1_000 });
  });
});

test('stretches of several pieces', () => {
  useKernel('always');
  const record = Buffer.from(`"${'a\n'.repeat(40)}",b\n`);
  const bytes = Buffer.concat(Array.from({ length: 7_000 }, () => record));
  expect(measureTuples(bytes.subarray(0, -1), 'csv')).toEqual({ count: 6_999, bytes: 6_999 * record.length, lines: 6_999 * 41 });
  expect(measureTuples(bytes, 'lines')).toEqual({ count: 7_000 * 41, bytes: bytes.length, lines: 7_000 * 41 });
});
