import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { BlockSplitter } from '../../../src/job/block-splitter.ts';
import { countNewlines } from '../../../src/job/count-newlines.ts';
import { keepFromStart } from '../../../src/job/kernel/keep-piece.ts';
import { kernelFor, useKernel } from '../../../src/job/kernel/kernel.ts';
import type { Format } from '../../../src/job/stage-spec.ts';

afterEach(() => useKernel('measured'));

const part = fc.constantFrom('a', 'ab', 'b', 'aab', 'b,c', '"x\nab"', '"p""q\n"', ',', '\n', '\n', '\n', '\r\n', '"', 'q"q', '"u"v"', ' '.repeat(61), 'ab'.repeat(40), '\0', '\xff');

const chunkOf = fc.tuple(fc.array(part, { maxLength: 80 }), fc.constantFrom(1, 1, 5, 600)).map(([parts, times]) => Buffer.from(parts.join('').repeat(times), 'latin1'));

const anyText = fc.constantFrom('a', 'ab', 'aab', 'b,', '"', '\xff', 'abababababababababababab', 'q"q', 'ab'.repeat(35));

/** Each tuple looked at alone. */
function expected(chunk: Buffer, format: Format, text: Buffer): { handled: { bytes: number; lines: number }; kept: Buffer } {
  const block = new BlockSplitter({ format, maxTupleBytes: 1 << 30, where: 'test' }).push(chunk);
  if (block === undefined) return { handled: { bytes: 0, lines: 0 }, kept: Buffer.alloc(0) };
  const tuples = Array.from({ length: block.count }, (_, index) => block.bytes.subarray(block.ends[index - 1] ?? 0, block.ends[index]));
  const { length } = block.bytes;
  return { handled: { bytes: length, lines: countNewlines(chunk.subarray(0, length)) }, kept: Buffer.concat(tuples.filter((tuple) => tuple.subarray(0, -1).includes(text))) };
}

function kept(chunk: Buffer, format: Format, text: Buffer): { handled: { bytes: number; lines: number }; kept: Buffer } {
  useKernel('always');
  const kernel = kernelFor(chunk.length, 0);
  if (kernel === undefined) throw new Error('there is a kernel here');
  const pieces: Buffer[] = [];
  const handled = keepFromStart(kernel, chunk, format, text, (tuples) => pieces.push(Buffer.from(tuples)));
  return { handled, kept: Buffer.concat(pieces) };
}

describe.each<Format>(['csv', 'lines'])('%s', (format) => {
  test('the tuples that hold a text, without knowing where each ends', () => {
    fc.assert(fc.property(chunkOf, anyText, (chunk, text) => {
      const bytes = Buffer.from(text, 'latin1');
      const found = kept(chunk, format, bytes);
      const wanted = expected(chunk, format, bytes);
      expect(found.handled).toEqual(wanted.handled);
      expect(found.kept.toString('latin1')).toBe(wanted.kept.toString('latin1'));
    }), { numRuns: 2_000 });
  });

  test('chunks of several pieces; a tuple that is longer than one is left', () => {
    const row = Buffer.from(`${'x'.repeat(70)},ab\n${'y'.repeat(70)}\n`);
    const rows = Buffer.concat(Array.from({ length: 5_000 }, () => row));
    const text = Buffer.from('ab');
    expect(kept(rows, format, text)).toEqual(expected(rows, format, text));
    const long = Buffer.concat([rows, Buffer.from(`${'z'.repeat(300_000)}\nab\n`)]);
    expect(kept(long, format, text).handled).toEqual({ bytes: rows.length, lines: 10_000 });
  });
});
