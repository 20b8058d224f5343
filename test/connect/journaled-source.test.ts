import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { JournaledSource } from '../../src/connect/journaled-source.ts';
import type { Source } from '../../src/connect/source.ts';
import { SourceJournal } from '../../src/connect/source-journal.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Log } from '../../src/log/log.ts';
import { scratch } from './scratch.ts';

/** Holds a few small blocks each, so that a cut takes something away. */
const SEGMENT_BYTES = 200;

const READING = { format: 'lines' as Format, maxTupleBytes: 1 << 20 };

async function openLog(folder: string, attempt: number): Promise<Log> {
  const log = await (await DiskStore.open({ folder, durability: 'process', segmentBytes: SEGMENT_BYTES })).open('source', attempt);
  onTestFinished(() => log.close());
  return log;
}

interface Pipe extends Source {
  /** How often it was read. */
  reads: number;
}

/** What gives these blocks once, one after the other, and then what `last` says. */
function pipeOf(chunks: readonly string[], last: () => Promise<undefined> = () => Promise.resolve(undefined), format: Format = 'lines'): Pipe {
  const splitter = new BlockSplitter({ ...READING, format, where: 'the pipe' });
  let closed = () => {};
  const closing = new Promise<undefined>((resolve) => (closed = () => resolve(undefined)));
  const pipe: Pipe = {
    reads: 0,
    read: async () => {
      const chunk = chunks[pipe.reads];
      pipe.reads += 1;
      return chunk === undefined ? await Promise.race([last(), closing]) : splitter.push(Buffer.from(chunk));
    },
    position: () => undefined,
    progress: () => ({ doneBytes: 0, totalBytes: undefined }),
    close: () => {
      closed();
      return Promise.resolve();
    },
  };
  return pipe;
}

/** It says nothing any more, as a pipe whose writer waits. */
const never = () => new Promise<undefined>(() => undefined);

async function readSome(source: Source, blocks: number): Promise<string> {
  const texts: string[] = [];
  for (let read = 0; read < blocks; read++) {
    const block = await source.read();
    if (block === undefined) break;
    texts.push(block.bytes.toString());
  }
  return texts.join('');
}

describe('JS1: what is handed on', () => {
  test('is in the journal by then', async () => {
    const log = await openLog(await scratch(), 1);
    const journal = await SourceJournal.open(log);
    const source = new JournaledSource({ ...READING, journal, source: pipeOf(['a\nb\n', 'c\n']), fromBytes: 0 });
    expect(await readSome(source, 1)).toBe('a\nb\n');
    expect(journal.recorded.tuples).toBeGreaterThanOrEqual(2);
    expect(log.durable).toBeGreaterThanOrEqual(1);
    expect(await readSome(source, 9)).toBe('c\n');
    expect([journal.recorded, journal.ended]).toEqual([{ tuples: 3, bytes: 6 }, true]);
  });

  test('is not, where the journal takes nothing more', async () => {
    const folder = await scratch();
    const journal = await SourceJournal.open(await openLog(folder, 1));
    const source = new JournaledSource({ ...READING, journal, source: pipeOf(['a\n'], never), fromBytes: 0 });
    await openLog(folder, 2);
    await expect(source.read()).rejects.toMatchObject({ code: 'LOG_FENCED' });
    await source.close();
  });
});

describe('JS2: the end', () => {
  test('of one that is closed is not recorded', async () => {
    const journal = await SourceJournal.open(await openLog(await scratch(), 1));
    const source = new JournaledSource({ ...READING, journal, source: pipeOf(['a\n'], never), fromBytes: 0 });
    expect(await readSome(source, 1)).toBe('a\n');
    const next = source.read();
    await source.close();
    expect([await next, journal.ended]).toEqual([undefined, false]);
  });

  test('of one that fails is not recorded either', async () => {
    const journal = await SourceJournal.open(await openLog(await scratch(), 1));
    const fail = () => Promise.reject(new RainstormError('SOURCE_FAILED', 'gone'));
    const source = new JournaledSource({ ...READING, journal, source: pipeOf(['a\n'], fail), fromBytes: 0 });
    await expect(readSome(source, 9)).rejects.toMatchObject({ message: 'gone' });
    await source.close();
    expect(journal.ended).toBe(false);
  });

  test('SJ2: without it nobody goes on with the journal', async () => {
    const journal = await SourceJournal.open(await openLog(await scratch(), 1));
    expect(() => new JournaledSource({ ...READING, journal, source: undefined, fromBytes: 0 })).toThrow('SJ2');
  });
});

test('JS3: one that nobody takes from is not read on without limit', async () => {
  const journal = await SourceJournal.open(await openLog(await scratch(), 1));
  const pipe = pipeOf(Array.from({ length: 40 }, () => `${'x'.repeat(1 << 20)}\n`));
  const source = new JournaledSource({ ...READING, maxTupleBytes: 1 << 21, journal, source: pipe, fromBytes: 0 });
  expect((await readSome(source, 1)).length).toBe((1 << 20) + 1);
  for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate);
  expect(pipe.reads).toBeLessThan(10);
  expect((await readSome(source, 40)).length).toBe(39 * ((1 << 20) + 1));
});

const line = fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\n"]/g, ''));
const tuple = { lines: line, csv: fc.oneof(line, line.map((text) => `"${text}\n",x`)) };

test.each(['lines', 'csv'] as const)('who goes on reads exactly what comes behind its place, however much was cut: %s', { timeout: 60_000 }, async (format) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(tuple[format], { minLength: 1, maxLength: 5 }), { maxLength: 20 }), fc.nat(20), fc.nat(20), async (pieces, read, more) => {
    const folder = await scratch();
    const chunks = pieces.map((piece) => piece.map((text) => `${text}\n`).join(''));
    const first = await openLog(folder, 1);
    const journal = await SourceJournal.open(first);
    const source = new JournaledSource({ ...READING, format, journal, source: pipeOf(chunks, undefined, format), fromBytes: 0 });
    await readSome(source, read);
    const { offsetBytes } = source.position();
    await first.cut(Math.min(first.durable, journal.firstNeeded(offsetBytes)));
    await readSome(source, 99);
    await source.close();
    await first.close();

    const again = await openLog(folder, 2);
    const found = await SourceJournal.open(again);
    const whole = Buffer.from(chunks.join(''));
    expect([found.ended, found.recorded]).toEqual([true, { tuples: pieces.flat().length, bytes: whole.length }]);
    const resumed = new JournaledSource({ ...READING, format, journal: found, source: undefined, fromBytes: offsetBytes });
    const text = await readSome(resumed, more);
    expect(resumed.position().offsetBytes).toBe(offsetBytes + Buffer.byteLength(text));
    expect(text + await readSome(resumed, 99)).toBe(whole.subarray(offsetBytes).toString());
    await resumed.close();
    await again.close();
  }), { numRuns: 60 });
});

test('SJ3: how much was read stays known when all of it is cut', async () => {
  const folder = await scratch();
  const first = await openLog(folder, 1);
  const journal = await SourceJournal.open(first);
  const block = { bytes: Buffer.from(`${'x'.repeat(150)}\n`), count: 1, ends: Uint32Array.of(151) };
  for (let blocks = 0; blocks < 10; blocks++) await journal.append(block);
  await first.cut(journal.firstNeeded(1510));
  expect(first.first).toBeGreaterThan(5);
  expect((await SourceJournal.open(await openLog(folder, 2))).recorded).toEqual({ tuples: 10, bytes: 1510 });
});

test('SJ1: nothing follows the end, which comes once', async () => {
  const log = await openLog(await scratch(), 1);
  const journal = await SourceJournal.open(log);
  await Promise.all([journal.end(), journal.end()]);
  await journal.end();
  await journal.whenEnded;
  expect(log.durable).toBe(1);
  await expect(journal.append({ bytes: Buffer.from('a\n'), count: 1, ends: Uint32Array.of(2) })).rejects.toThrow('SJ1');
});

test('a journal in which something is missing is not read', async () => {
  const folder = await scratch();
  const first = await openLog(folder, 1);
  const journal = await SourceJournal.open(first);
  for (let blocks = 0; blocks < 10; blocks++) await journal.append({ bytes: Buffer.from(`${'x'.repeat(150)}\n`), count: 1, ends: Uint32Array.of(151) });
  await journal.end();
  await first.cut(5);
  const found = await SourceJournal.open(await openLog(folder, 2));
  const source = new JournaledSource({ ...READING, journal: found, source: undefined, fromBytes: 0 });
  await expect(source.read()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});
