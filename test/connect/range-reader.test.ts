import { stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TuplePlace } from '../../src/connect/file-reader.ts';
import { openReader } from '../../src/connect/open-reader.ts';
import { RangeReader } from '../../src/connect/range-reader.ts';
import type { Block } from '../../src/job/block.ts';
import { rangeBytesOf, type FileRange } from '../../src/job/file-range.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { scratch } from './scratch.ts';

/** Of files as small as these. */
const RANGE_BYTES = rangeBytesOf(1);

const LIMITS = { maxTupleBytes: 10 * RANGE_BYTES };

interface Read {
  readonly bytes: Buffer;
  readonly counts: readonly number[];
  readonly ranges: readonly FileRange[];
  readonly places: readonly TuplePlace[];
  readonly header: string | undefined;
}

async function readAll(reader: { read(): Promise<Block | undefined>; readonly place: TuplePlace; readonly header: Buffer | undefined; close(): Promise<void> }): Promise<Read> {
  const blocks: Block[] = [];
  const places: TuplePlace[] = [];
  for (let block = await reader.read(); block !== undefined; block = await reader.read()) {
    if (block.count > 0) blocks.push({ ...block, bytes: Buffer.from(block.bytes) });
    places.push(reader.place);
  }
  await reader.close();
  return { bytes: Buffer.concat(blocks.map(({ bytes }) => bytes)), counts: blocks.map(({ count }) => count), ranges: blocks.flatMap(({ range }) => range ?? []), places, header: reader.header?.toString() };
}

async function entry(path: string): Promise<{ path: string; bytes: number; gzip: false }> {
  return { path, bytes: (await stat(path)).size, gzip: false };
}

/** Short tuples, and some that reach over one or two places of the grid; quotes with newlines in them. */
const tuple = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('a,b', '', '"x\ny",1', 'q"q', '\r') },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: RANGE_BYTES + 5 }).map((length) => 'l'.repeat(length)) },
);

test('the same tuples as any other reader finds; ranges say where they stand, one behind the other', async () => {
  const path = join(await scratch(), 'in');
  await fc.assert(fc.asyncProperty(fc.array(tuple, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 3_000 }), fc.boolean(), fc.boolean(), fc.constantFrom<Format>('csv', 'lines'), async (tuples, times, closed, header, format) => {
    const short = tuples.every(({ length }) => length < 100);
    const body = Array.from({ length: short ? times : 1 }, () => tuples.join('\n')).join('\n');
    const text = `${header ? '\uFEFFhead,er\n' : ''}${body}${closed ? '\n' : ''}`;
    await writeFile(path, text);
    const options = { format, header, ...LIMITS };
    const file = await entry(path);
    const plain = await readAll(openReader(file, options));
    const read = await readAll(new RangeReader(file, 3, options));
    expect(read.header).toBe(plain.header);
    expect(read.bytes.equals(plain.bytes)).toBe(true);
    expect(read.counts.reduce((sum, count) => sum + count, 0)).toBe(plain.counts.reduce((sum, count) => sum + count, 0));
    expect(read.places.at(-1) ?? plain.places.at(-1)).toEqual(plain.places.at(-1));
    const stored = Buffer.from(text);
    expect(Buffer.concat(read.ranges.map(({ offsetBytes, bytes, newline }) => Buffer.concat([stored.subarray(offsetBytes, offsetBytes + bytes), Buffer.from(newline ? '\n' : '')]))).equals(plain.bytes)).toBe(true);
    for (const { file: index } of read.ranges) expect(index).toBe(3);
  }), { numRuns: 60 });
});

test('FR1: whoever reads on from the end of any range finds the same ranges behind it', async () => {
  const path = join(await scratch(), 'in');
  await fc.assert(fc.asyncProperty(fc.array(tuple, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 20_000 }), async (tuples, times) => {
    const short = tuples.every(({ length }) => length < 100);
    await writeFile(path, Array.from({ length: short ? times : 4 }, () => tuples.join('\n')).join('\n'));
    const file = await entry(path);
    const options = { format: 'csv' as const, header: false, ...LIMITS };
    const { ranges, places } = await readAll(new RangeReader(file, 0, options));
    for (const [index, place] of places.entries()) {
      const rest = await readAll(new RangeReader(file, 0, { ...options, from: place }));
      expect(rest.ranges).toEqual(ranges.slice(index + 1));
      expect(rest.places).toEqual(places.slice(index + 1));
    }
  }), { numRuns: 25 });
});

test('what is wrong with the file is told as by any other reader', async () => {
  const path = join(await scratch(), 'in');
  await writeFile(path, 'a\n"b\n');
  const reader = () => new RangeReader({ path, bytes: 5, gzip: false }, 0, { format: 'csv', header: false, maxTupleBytes: 100 });
  await expect(readAll(reader())).rejects.toThrow(`${path}: the quote opened on line 2 is never closed`);
  await writeFile(path, 'a\nbbbbbb\n');
  await expect(readAll(new RangeReader({ path, bytes: 9, gzip: false }, 0, { format: 'csv', header: false, maxTupleBytes: 5 }))).rejects.toThrow(`${path}: the tuple that begins on line 2 is longer than 5 bytes`);
  await truncate(path, 3);
  await expect(readAll(new RangeReader({ path, bytes: 9, gzip: false }, 0, { format: 'lines', header: false, maxTupleBytes: 100 }))).rejects.toThrow('shorter than the 9 bytes');
});

test('a tuple that is too long is refused, wherever it lies among the places where ranges are cut', async () => {
  const path = join(await scratch(), 'in');
  for (const maxTupleBytes of [RANGE_BYTES / 2, RANGE_BYTES, RANGE_BYTES + RANGE_BYTES / 4, 2 * RANGE_BYTES]) {
    for (const before of [1, RANGE_BYTES - 10, RANGE_BYTES / 2]) {
      for (const [length, isRefused] of [[maxTupleBytes, false], [maxTupleBytes + 1, true]] as const) {
        await writeFile(path, `${'x'.repeat(before - 1)}\n${'y'.repeat(length)}\nz\n`);
        const reading = readAll(new RangeReader(await entry(path), 0, { format: 'csv', header: false, maxTupleBytes }));
        if (isRefused || before - 1 > maxTupleBytes) await expect(reading, `${maxTupleBytes} ${before}`).rejects.toThrow(`longer than ${maxTupleBytes} bytes`);
        else expect((await reading).counts.reduce((sum, count) => sum + count, 0)).toBe(3);
      }
    }
  }
});
