/** Files that a crash cut short, and files that rotted. */
import { randomBytes } from 'node:crypto';
import { appendFile, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Log } from '../../src/log/log.ts';
import { SEGMENT_HEADER_BYTES } from '../../src/log/segment-header.ts';
import { failureOf, scratch } from '../connect/scratch.ts';
import { appendTexts, payload, readAll, readTexts } from './records.ts';

async function open(folder: string, attempt: number, segmentBytes = 16_000_000): Promise<Log> {
  return await (await DiskStore.open({ folder, durability: 'process', segmentBytes })).open('log', attempt);
}

async function segmentsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.segment')).sort().map((name) => join(folder, name));
}

async function lastSegmentOf(folder: string): Promise<string> {
  return (await segmentsOf(folder)).at(-1) ?? '';
}

/** A store whose log was written by attempt 1, each record confirmed before the next. */
async function written(texts: readonly string[], segmentBytes?: number): Promise<string> {
  const folder = await scratch();
  const log = await open(folder, 1, segmentBytes);
  await appendTexts(log, texts);
  await log.close();
  return folder;
}

/** Does `damage` to a copy of the folder and gives what the next attempt makes of it. */
async function damaged(folder: string, damage: (copy: string) => Promise<void>): Promise<{ copy: string; log: Log | undefined; texts: string[] | RainstormError }> {
  const copy = `${folder}/../${randomBytes(8).toString('hex')}`;
  await cp(folder, copy, { recursive: true });
  let log: Log | undefined;
  try {
    await damage(copy);
    log = await open(copy, 2);
    return { copy, log, texts: await readTexts(log, 0) };
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    return { copy, log, texts: error };
  }
}

async function discard({ copy, log }: { copy: string; log: Log | undefined }): Promise<void> {
  await log?.close();
  await rm(copy, { recursive: true });
}

describe('torn tails', () => {
  test('L4 L9 wherever the last record was cut short, all before it are there and the cut is reported', async () => {
    const texts = ['first', '', 'third'];
    const folder = await written([...texts, 'the last one']);
    const { length } = await readFile(await lastSegmentOf(folder));
    const lastBytes = 32 + 'the last one'.length;
    for (let kept = 0; kept < lastBytes; kept++) {
      const result = await damaged(folder, async (copy) => await truncate(await lastSegmentOf(copy), length - lastBytes + kept));
      expect(result.texts).toEqual(texts);
      expect(result.log?.tornTail).toEqual(kept === 0 ? undefined : { log: 'log', position: 3, bytes: kept });
      expect(await result.log?.append(1, [Buffer.from('in its place')])).toBe(3);
      const third = await open(result.copy, 3);
      expect(third.tornTail).toBeUndefined();
      expect(await readTexts(third, 0)).toEqual([...texts, 'in its place']);
      await third.close();
      await discard(result);
    }
  });

  test('L4 L9 the same for records of any size, with other bytes in place of what was not written', async () => {
    const sizes = fc.array(fc.nat(3000), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.double({ min: 0, max: 0.999, noNaN: true }), fc.uint8Array({ maxLength: 100 }), async (sizes, share, garbage) => {
        const folder = await scratch();
        const log = await open(folder, 1);
        for (const size of sizes) await log.append(1, [payload(size)]);
        await log.close();
        const lastBytes = 32 + (sizes.at(-1) ?? 0);
        const path = await lastSegmentOf(folder);
        const kept = Math.floor(lastBytes * share);
        const whole = await readFile(path);
        const cutAt = whole.length - lastBytes + kept;
        // The byte at the cut differs from the lost one, and so the record is not whole by chance.
        if (garbage.length > 0) garbage[0] = whole.readUInt8(cutAt) ^ 0xff;
        await writeFile(path, Buffer.concat([whole.subarray(0, cutAt), garbage]));
        const again = await open(folder, 2);
        const tornBytes = kept + garbage.length;
        expect(again.tornTail?.bytes ?? 0).toBe(tornBytes);
        expect((await readAll(again, 0)).map(({ payload: { length } }) => length)).toEqual(sizes.slice(0, -1));
        await again.close();
      }),
      { numRuns: 60 },
    );
  });

  test('a segment whose making was cut short holds nothing and is removed', async () => {
    const folder = await written(['a', 'b', 'c', 'd'], 120);
    const paths = await segmentsOf(folder);
    expect(paths.length).toBeGreaterThan(1);
    for (let kept = 0; kept < SEGMENT_HEADER_BYTES; kept++) {
      const result = await damaged(folder, async (copy) => await truncate(await lastSegmentOf(copy), kept));
      expect(result.texts).toEqual(['a', 'b', 'c', 'd'].slice(0, result.log?.durable));
      expect(result.log?.durable).toBeGreaterThanOrEqual(2);
      await discard(result);
    }
  });

  test('L7 bytes that an older attempt adds to its file later are not read, whatever they complete', async () => {
    const folder = await written(['a', 'b', 'the last one']);
    const path = await lastSegmentOf(folder);
    const whole = await readFile(path);
    await truncate(path, whole.length - 5);
    const second = await open(folder, 2);
    expect(second.tornTail).toEqual({ log: 'log', position: 2, bytes: 39 });
    await appendTexts(second, ['second']);
    await second.close();
    const [old = ''] = await segmentsOf(folder);
    await appendFile(old, whole.subarray(whole.length - 5));
    const third = await open(folder, 3);
    expect(await readTexts(third, 0)).toEqual(['a', 'b', 'second']);
    await third.close();
  });

  test('L7 it stands also when the attempt that found it appended nothing', async () => {
    const folder = await written(['a', 'b', 'the last one']);
    const path = await lastSegmentOf(folder);
    const whole = await readFile(path);
    await truncate(path, whole.length - 5);
    await (await open(folder, 2)).close();
    const [old = ''] = await segmentsOf(folder);
    await appendFile(old, whole.subarray(whole.length - 5));
    const third = await open(folder, 3);
    expect(third.tornTail).toBeUndefined();
    expect(await readTexts(third, 0)).toEqual(['a', 'b']);
    await third.close();
  });

  test('records of one commit may be torn in any order: none of them was confirmed', async () => {
    const folder = await scratch();
    const log = await open(folder, 1);
    await appendTexts(log, ['a', 'b']);
    await Promise.all(['c', 'd', 'e'].map((text) => log.append(1, [Buffer.from(text)])));
    await log.close();
    const result = await damaged(folder, async (copy) => await flip(await lastSegmentOf(copy), SEGMENT_HEADER_BYTES + 2 * 33 + 20));
    expect(result.texts).toEqual(['a', 'b']);
    expect(result.log?.tornTail).toEqual({ log: 'log', position: 2, bytes: 99 });
    await discard(result);
  });
});

describe('damage', () => {
  test('L5 a changed bit is found, wherever it is: an error, or with the last record a reported torn tail', async () => {
    const texts = ['first', '', 'third', 'the last one'];
    const folder = await written(texts);
    const { length } = await readFile(await lastSegmentOf(folder));
    const lastStart = length - 32 - 'the last one'.length;
    for (let at = 0; at < length; at++) {
      const result = await damaged(folder, async (copy) => await flip(await lastSegmentOf(copy), at));
      if (at < lastStart) expect((result.texts as RainstormError).code).toBe('LOG_CORRUPT');
      else {
        expect(result.texts).toEqual(texts.slice(0, 3));
        expect(result.log?.tornTail).toEqual({ log: 'log', position: 3, bytes: length - lastStart });
      }
      await discard(result);
    }
  });

  test('L5 in segments that are full it is found when they are read, with file and byte', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `record ${i}`);
    const folder = await written(texts, 150);
    const result = await damaged(folder, async (copy) => await flip((await segmentsOf(copy))[3] ?? '', 100));
    const failure = result.texts as RainstormError;
    expect(failure.code).toBe('LOG_CORRUPT');
    expect(failure.message).toMatch(/\d{16}-\d{16}\.segment is damaged at byte \d+/);
    expect(await readTexts(result.log as Log, 15)).toEqual(texts.slice(15));
    await discard(result);
  });

  test('L5 so is a full segment that is shorter than it was, or missing', async () => {
    const folder = await written(Array.from({ length: 20 }, (_, i) => `record ${i}`), 150);
    for (const damage of [(path: string) => truncate(path, 60), (path: string) => truncate(path, SEGMENT_HEADER_BYTES), (path: string) => rm(path)]) {
      const result = await damaged(folder, async (copy) => await damage((await segmentsOf(copy))[3] ?? ''));
      expect((result.texts as RainstormError).code).toBe('LOG_CORRUPT');
      await discard(result);
    }
  });

  test('L5 a whole record in the place of another is found', async () => {
    const folder = await written(['aaaa', 'bbbb', 'cccc', 'dddd']);
    const path = await lastSegmentOf(folder);
    const bytes = await readFile(path);
    bytes.copyWithin(SEGMENT_HEADER_BYTES + 36, SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 36);
    await writeFile(path, bytes);
    expect((await failureOf(() => open(folder, 2))).code).toBe('LOG_CORRUPT');
  });

  test('L5 payloads that are themselves journal files are not taken for the journal', async () => {
    const folder = await written(['a', 'b', 'c', 'd', 'e', 'f']);
    const journal = await readFile(await lastSegmentOf(folder));
    const other = await scratch();
    const log = await open(other, 1);
    await appendTexts(log, ['a', 'b']);
    await log.append(1, [journal]);
    await log.close();
    const path = await lastSegmentOf(other);
    await truncate(path, (await readFile(path)).length - 1);
    const again = await open(other, 2);
    expect(again.tornTail?.position).toBe(2);
    expect(await readTexts(again, 0)).toEqual(['a', 'b']);
    await again.close();
  });

  test('a file of another version is refused', async () => {
    const folder = await written(['a']);
    const path = await lastSegmentOf(folder);
    await writeFile(path, Buffer.concat([Buffer.from('RainLog\n'), Buffer.alloc(100)]));
    expect((await failureOf(() => open(folder, 2))).code).toBe('LOG_CORRUPT');
  });
});

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
  await writeFile(path, bytes);
}
