import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { StderrTail } from '../../src/task/stderr-tail.ts';

async function tailOf(...chunks: readonly (string | Buffer)[]): Promise<{ readonly lines: string[]; readonly last: readonly string[] }> {
  const lines: string[] = [];
  const tail = new StderrTail((line) => lines.push(line));
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  await tail.end();
  return { lines, last: tail.last };
}

test('lines come whole, however they were cut, the last one also without its newline', async () => {
  expect((await tailOf('a', 'b\nc\r\n', '\n', Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1), 'x')).lines).toEqual(['ab', 'c', '', 'äx']);
});

test('the last ten are kept', async () => {
  const { lines, last } = await tailOf(Array.from({ length: 25 }, (_, index) => `${index}\n`).join(''));
  expect(lines).toHaveLength(25);
  expect(last).toEqual(lines.slice(15));
});

test('a line without end is cut, says so, and what comes after it is heard', async () => {
  const long = 'x'.repeat(20_000);
  const { lines } = await tailOf('before\n', long, long, long, '\nafter\n');
  expect(lines.map((line) => line.length < 17_000)).toEqual([true, true, true]);
  expect(lines[0]).toBe('before');
  expect(lines[1]).toMatch(/^x{16384}… \(a longer line\)$/);
  expect(lines[2]).toBe('after');
});

test('such a line is heard of though the program never ends it', async () => {
  const { lines } = await tailOf('x'.repeat(20_000), 'y'.repeat(100_000));
  expect(lines).toEqual([`${'x'.repeat(16_384)}… (a longer line)`]);
});

test('lines of any length in chunks of any size are the same lines', () => {
  const anyLine = fc.oneof({ weight: 5, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.integer({ min: 16_380, max: 16_390 }) }, { weight: 1, arbitrary: fc.constant(50_000) });
  return fc.assert(fc.asyncProperty(fc.array(anyLine, { maxLength: 6 }), fc.integer({ min: 500, max: 30_000 }), async (lengths, chunkBytes) => {
    const text = Buffer.from(lengths.map((length) => `${'x'.repeat(length)}\n`).join(''));
    const chunks = Array.from({ length: Math.ceil(text.length / chunkBytes) }, (_, index) => text.subarray(index * chunkBytes, (index + 1) * chunkBytes));
    const { lines } = await tailOf(...chunks);
    expect(lines).toEqual(lengths.map((length) => (length <= 16_384 ? 'x'.repeat(length) : `${'x'.repeat(16_384)}… (a longer line)`)));
  }), { numRuns: 60 });
});
