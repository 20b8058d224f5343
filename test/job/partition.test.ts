import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SPREAD_RUN_BYTES } from '../../src/base/limits.ts';
import type { Block } from '../../src/job/block.ts';
import { generateRows } from '../../src/job/generate-rows.ts';
import { Partitioner, hashBytes, partitionOf } from '../../src/job/partition.ts';
import type { Partitioning } from '../../src/job/plan.ts';
import { blocksOf } from './blocks-of.ts';
import { chunksOf } from './csv-samples.ts';

const hashOf = (text: string) => hashBytes(Buffer.from(text), 0, Buffer.byteLength(text));

function owners(partitioning: Partitioning, parts: number, blocks: readonly Block[], producerIndex = 0): number[] {
  const partitioner = new Partitioner(partitioning, parts, producerIndex);
  let offset = 0;
  return blocks.flatMap((block) => {
    const assigned = new Uint16Array(block.count);
    partitioner.assign(block, offset, assigned);
    offset += block.bytes.length;
    return [...assigned];
  });
}

const ownersOf = (partitioning: Partitioning, parts: number, text: string) => owners(partitioning, parts, blocksOf('csv', [Buffer.from(text)]));

function oneBlock(text: string): Block {
  const [block, ...more] = blocksOf('lines', [Buffer.from(text)]);
  if (block === undefined || more.length > 0) throw new Error('not one block');
  return block;
}

/** Pearson's statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

describe('the hash', () => {
  test('never changes between versions', () => {
    expect(['', 'a', 'b', 'foobar', 'Stop', 'line with, comma', 'ä'].map(hashOf)).toEqual([
      0, 1009084850, 2514386435, 2764362941, 2989081855, 3140155160, 2117259732,
    ]);
  });

  test('is MurmurHash3, as others have it', () => {
    // From the reference implementation (MurmurHash3_x86_32, seed 0).
    expect(['abc', 'Hello, world!', 'The quick brown fox jumps over the lazy dog'].map(hashOf)).toEqual([0xb3dd93fa, 0xc0363e43, 0x2e4ff723]);
  });

  test('is MurmurHash3, in exact arithmetic', () => {
    const mask = 0xffffffffn;
    const rotate = (word: bigint, bits: bigint) => ((word << bits) | (word >> (32n - bits))) & mask;
    const mix = (word: bigint) => (rotate((word * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask;
    const exact = (bytes: Uint8Array) => {
      const words = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => [...bytes.subarray(i * 4, i * 4 + 4)].reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n));
      const last = bytes.length % 4 === 0 ? 0n : (words.pop() ?? 0n);
      let hash = 0n;
      for (const word of words) hash = (rotate(hash ^ mix(word), 13n) * 5n + 0xe6546b64n) & mask;
      hash ^= mix(last) ^ BigInt(bytes.length);
      hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask;
      hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask;
      return Number(hash ^ (hash >> 16n));
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(hashBytes(bytes, 0, bytes.length)).toBe(exact(bytes));
      }),
    );
  });

  test('reads only the bytes between the offsets', () => {
    expect(hashBytes(Buffer.from('xxStopyy'), 2, 6)).toBe(hashOf('Stop'));
  });

  test('its whole range falls on all partitions, evenly and in order', () => {
    expect(partitionOf(0, 7)).toBe(0);
    expect(partitionOf(0xffffffff, 7)).toBe(6);
    expect(partitionOf(0xffffffff, 256)).toBe(255);
    expect(partitionOf(0x80000000, 2)).toBe(1);
    expect(partitionOf(0x7fffffff, 2)).toBe(0);
  });

  test.each([
    ['numbers', (i: number) => String(i)],
    ['numbers in thousands', (i: number) => String(i * 1000)],
    ['words with a number', (i: number) => `SIGN_${i % 1000}_${i}`],
    ['times', (i: number) => new Date(i * 60_000).toISOString()],
    ['two letters', (i: number) => String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26), 97 + Math.floor(i / 676))],
  ])('spreads %s evenly', (_, key) => {
    for (const parts of [2, 3, 5, 16, 64]) {
      const counts = Array.from({ length: parts }, () => 0);
      for (let i = 0; i < 10_000; i++) {
        const part = partitionOf(hashOf(key(i)), parts);
        counts[part] = (counts[part] ?? 0) + 1;
      }
      // Its mean is parts - 1, its standard deviation the root of twice that; ten of them are an imbalance of a few percent.
      expect(chiSquare(counts)).toBeLessThan(parts - 1 + 10 * Math.sqrt(2 * (parts - 1)));
    }
  });
});

describe('by column', () => {
  const byColumn = (column: number): Partitioning => ({ kind: 'column', column });

  test('quoted and unquoted equal keys go together', () => {
    const [plain, quoted, literal, doubled] = ownersOf(byColumn(1), 65_536, 'abc,1\n"abc",2\na"b,3\n"a""b",4\n');
    expect(quoted).toBe(plain);
    expect(doubled).toBe(literal);
    expect(doubled).not.toBe(plain);
  });

  test('the key is the value of that column alone, the last one without CR', () => {
    const [a, b, c] = ownersOf(byColumn(2), 65_536, 'x,key\ny,key\r\nz,"key",more\n');
    expect([b, c]).toEqual([a, a]);
    expect(a).toBe(partitionOf(hashOf('key'), 65_536));
  });

  test('a column that is not there is the empty key', () => {
    expect(ownersOf(byColumn(3), 65_536, 'a,b\na,b,\n\n')).toEqual(Array(3).fill(partitionOf(hashOf(''), 65_536)));
  });

  test('a long key that has to be unquoted', () => {
    const key = '"x'.repeat(5_000);
    expect(ownersOf(byColumn(1), 65_536, `"${key.replaceAll('"', '""')}"\n`)).toEqual([partitionOf(hashOf(key), 65_536)]);
  });
});

test('by line: the whole tuple without its newline, quotes as they are', () => {
  expect(ownersOf({ kind: 'line' }, 65_536, 'a,b\n"a",b\n\n')).toEqual(['a,b', '"a",b', ''].map((key) => partitionOf(hashOf(key), 65_536)));
});

describe('spread', () => {
  const spread: Partitioning = { kind: 'spread' };
  const rows = Buffer.concat([...generateRows(8_000, 3)]);

  test('moves on with the position of a tuple\'s first byte, beginning at the producer\'s own index', () => {
    const [block] = blocksOf('csv', [rows]);
    let start = 0;
    const expected = [...(block?.ends ?? [])].map((end) => {
      const owner = (4 + Math.floor(start / SPREAD_RUN_BYTES)) % 5;
      start = end;
      return owner;
    });
    expect(owners(spread, 5, blocksOf('csv', [rows]), 4)).toEqual(expected);
    expect(new Set(expected).size).toBe(5);
  });

  test('a tuple longer than a run is passed over to where the next one begins', () => {
    const long = 'x'.repeat(3 * SPREAD_RUN_BYTES);
    const runs = new Partitioner(spread, 8, 0).spreadRuns(oneBlock(`a\n${long}\nb\nc\n`), 0);
    expect(runs).toEqual([{ from: 0, to: 2, consumer: 0 }, { from: 2, to: 4, consumer: 3 }]);
  });

  test('a tuple that begins exactly at a boundary belongs to the next run', () => {
    const block = oneBlock(`${'x'.repeat(SPREAD_RUN_BYTES - 1)}\nb\n`);
    expect(new Partitioner(spread, 8, 0).spreadRuns(block, 0)).toEqual([{ from: 0, to: 1, consumer: 0 }, { from: 1, to: 2, consumer: 1 }]);
  });

  test('positions beyond 32 bits', () => {
    const offset = 2 ** 40 + 5;
    expect(new Partitioner(spread, 7, 0).spreadRuns(oneBlock('a\n'), offset)).toEqual([{ from: 0, to: 1, consumer: Math.floor(offset / SPREAD_RUN_BYTES) % 7 }]);
  });
});

test('how the stream is cut into chunks never changes where a tuple goes', () => {
  const rows = Buffer.concat([...generateRows(3_000, 5)]);
  const lengths = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 6 });
  const partitioning = fc.constantFrom<Partitioning>({ kind: 'spread' }, { kind: 'line' }, { kind: 'column', column: 3 });
  fc.assert(
    fc.property(lengths, partitioning, (cuts, partitioning) => {
      fc.pre(Math.max(...cuts) > 500);
      expect(owners(partitioning, 5, blocksOf('csv', chunksOf(rows, cuts)), 1)).toEqual(owners(partitioning, 5, blocksOf('csv', [rows]), 1));
    }),
    { numRuns: 30 },
  );
});
