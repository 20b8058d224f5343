import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Block } from '../../../src/job/block.ts';
import { BlockSplitter } from '../../../src/job/block-splitter.ts';
import { type KernelUse, kernelFor, newKernel, useKernel } from '../../../src/job/kernel/kernel.ts';
import { partOf, partitionPiece } from '../../../src/job/kernel/partition-piece.ts';
import { Partitioner } from '../../../src/job/partition.ts';
import { RecordScanner } from '../../../src/job/record-scanner.ts';
import type { Format } from '../../../src/job/stage-spec.ts';
import { ROOT } from '../../project/root.ts';
import { chunksOf } from '../csv-samples.ts';
import { anyBytes, anyCuts, anyRecords } from './samples.ts';

const run = promisify(execFile);

afterEach(() => {
  vi.unstubAllGlobals();
  useKernel('measured');
});

test('the module that is embedded is what the kernel compiles to', async () => {
  await run(process.execPath, [join(ROOT, 'scripts/build-kernel.mjs'), '--check']);
}, 60_000);

test('a process without WebAssembly does with the twin', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const without = await import('../../../src/job/kernel/kernel.ts');
  expect([without.kernelFor(1_000_000, 0), without.newKernel(40)]).toEqual([undefined, undefined]);
});

test('all share one kernel, and none is made for small pieces', () => {
  expect(kernelFor(100, 101)).toBeUndefined();
  expect(kernelFor(101, 101)).toBeDefined();
  expect(kernelFor(1_000_000, 0)).toBe(kernelFor(101, 101));
});

/** Writes what has a meaning in CSV where the shared kernel works, so that whoever reads too far notices. */
function litter(seed: number): void {
  const kernel = kernelFor(1, 0);
  const mark = ',"\n\r'.charCodeAt(seed % 4);
  for (const area of [kernel?.areas.IN ?? 0, kernel?.areas.ENDS ?? 0]) kernel?.bytes.fill(mark, area - 64, area + 20_000);
}

function scan(use: KernelUse, format: Format, chunks: readonly Buffer[]) {
  useKernel(use);
  const scanner = new RecordScanner(format, 5);
  let offset = 0;
  const ends: number[] = [];
  const after = chunks.map((chunk) => {
    if (use === 'always') litter(offset);
    scanner.scan(chunk);
    for (const end of scanner.ends) ends.push(offset + end);
    offset += chunk.length;
    return [scanner.line, scanner.openQuoteLine];
  });
  return { ends, after };
}

const anyFormat = fc.constantFrom<Format>('csv', 'lines');

describe('the scan', () => {
  test('is its twin\'s in every chunk: ends, lines, the line of an open quote; and reads nothing beyond the chunk', () => {
    fc.assert(fc.property(anyBytes, anyCuts, anyFormat, (bytes, cuts, format) => {
      const chunks = chunksOf(bytes, cuts);
      expect(scan('always', format, chunks)).toEqual(scan('never', format, chunks));
      expect(scan('always', format, [bytes])).toEqual(scan('never', format, [bytes]));
    }), { numRuns: 1_000 });
  });

  test('goes on where the twin stopped, and the other way round', () => {
    fc.assert(fc.property(anyBytes, anyCuts, (bytes, cuts) => {
      const chunks = chunksOf(bytes, cuts);
      const scanner = new RecordScanner('csv', 5);
      const after = chunks.map((chunk, i) => {
        useKernel(i % 2 === 0 ? 'always' : 'never');
        scanner.scan(chunk);
        return [scanner.line, scanner.openQuoteLine];
      });
      expect(after).toEqual(scan('never', 'csv', chunks).after);
    }), { numRuns: 300 });
  });

  test('of a chunk that is longer than a piece', () => {
    const row = Buffer.from('plain,"with ""quotes"", and\na newline",5" pipe\n');
    const long = Buffer.concat([Buffer.alloc(300_000, row), Buffer.from(`"${'\n'.repeat(300_000)}`)]);
    for (const format of ['csv', 'lines'] as const) expect(scan('always', format, [long])).toEqual(scan('never', format, [long]));
  });

  test('of nothing but newlines, quotes or commas', () => {
    for (const byte of ['\n', '"', ',', '",', '"\n']) {
      const chunks = chunksOf(Buffer.alloc(140_000, byte), [140_000, 1, 63, 64, 65]);
      expect(scan('always', 'csv', chunks)).toEqual(scan('never', 'csv', chunks));
    }
  });
});

function blocksOf(format: Format, chunks: readonly Buffer[]): Block[] {
  const splitter = new BlockSplitter({ format, maxTupleBytes: 1 << 30, where: 'test' });
  return chunks.map((chunk) => splitter.push(chunk)).filter((block) => block !== undefined);
}

/** By consumer, the tuples of a block as the kernel partitions them. */
function partitionByKernel(block: Block, column: number, parts: number): string[][] {
  useKernel('always');
  litter(block.count);
  const kernel = kernelFor(1, 0);
  if (kernel === undefined) throw new Error('this machine has no kernel');
  const tuples: string[][] = Array.from({ length: parts }, () => []);
  for (let first = 0; first < block.count; ) {
    const next = partitionPiece(kernel, block, first, column, parts);
    for (const [consumer, own] of tuples.entries()) {
      const part = partOf(kernel, consumer);
      let start = 0;
      for (const end of part?.ends ?? []) {
        own.push(part?.bytes.toString('latin1', part.start + start, part.start + end) ?? '');
        start = end;
      }
    }
    expect(next).toBeGreaterThan(first);
    first = next;
  }
  return tuples;
}

function partitionByTwin(block: Block, column: number, parts: number): string[][] {
  useKernel('never');
  const tuples: string[][] = Array.from({ length: parts }, () => []);
  const owners = new Uint16Array(block.count);
  new Partitioner(column === 0 ? { kind: 'line' } : { kind: 'column', column }, parts, 0).assign(block, 0, owners);
  let start = 0;
  for (let i = 0; i < block.count; i++) {
    const end = block.ends[i] ?? 0;
    tuples[owners[i] ?? 0]?.push(block.bytes.toString('latin1', start, end));
    start = end;
  }
  return tuples;
}

describe('the partitions', () => {
  const anyColumn = fc.nat(8);
  const anyParts = fc.constantFrom(1, 2, 3, 7, 256);

  test('are its twin\'s, tuple by tuple and in order, whatever the tuples hold', () => {
    fc.assert(fc.property(fc.oneof(anyRecords, anyBytes), anyFormat, anyColumn, anyParts, (bytes, format, column, parts) => {
      for (const block of blocksOf(format, [bytes])) {
        expect(partitionByKernel(block, column, parts)).toEqual(partitionByTwin(block, column, parts));
      }
    }), { numRuns: 1_500 });
  });

  test('are the same however the bytes were cut', () => {
    fc.assert(fc.property(anyRecords, anyCuts, anyColumn, (bytes, cuts, column) => {
      const inOne = partitionOfAll(blocksOf('csv', [bytes]), column);
      expect(partitionOfAll(blocksOf('csv', chunksOf(bytes, cuts)), column)).toEqual(inOne);
    }), { numRuns: 300 });
  });

  const partitionOfAll = (blocks: readonly Block[], column: number) => {
    const all = blocks.map((block) => partitionByKernel(block, column, 5));
    return [0, 1, 2, 3, 4].map((consumer) => all.flatMap((tuples) => tuples[consumer] ?? []));
  };

  test('of a block of several pieces', () => {
    const block = blocksOf('csv', [Buffer.concat(Array.from({ length: 20_000 }, (_, i) => Buffer.from(`row ${i},"key ""${i % 100}""",x\r\n`)))])[0];
    if (block === undefined) throw new Error('no block');
    for (const column of [0, 1, 2, 3, 4]) expect(partitionByKernel(block, column, 3)).toEqual(partitionByTwin(block, column, 3));
  });

  test('of tuples that are nothing but a newline, as many as a piece holds', () => {
    const block = blocksOf('lines', [Buffer.alloc(140_000, '\n')])[0];
    if (block === undefined) throw new Error('no block');
    expect(partitionByKernel(block, 1, 256).map((tuples) => tuples.length)).toEqual(partitionByTwin(block, 1, 256).map((tuples) => tuples.length));
  });

  test('a tuple longer than a piece is left to the twin', () => {
    const kernel = newKernel(40);
    const block = blocksOf('lines', [Buffer.from(`a\n${'x'.repeat(200_000)}\nb\n`)])[0];
    if (kernel === undefined || block === undefined) throw new Error('no kernel, or no block');
    expect([0, 1, 2].map((first) => partitionPiece(kernel, block, first, 0, 2))).toEqual([1, 1, 3]);
  });
});
