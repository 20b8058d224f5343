import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DiskStore, type DiskStoreOptions } from '../../src/log/disk-store.ts';
import type { Durability } from '../../src/log/log.ts';
import { failureOf, scratch } from '../connect/scratch.ts';
import { describeStore, type MakeStore } from './conformance.ts';
import { appendTexts, payload, readAll, readTexts } from './records.ts';

function diskOf(durability: Durability): MakeStore {
  return async (options) => {
    const folder = await scratch();
    return () => DiskStore.open({ folder, durability, ...options });
  };
}

describeStore('disk, process', diskOf('process'));
describeStore('disk, host', diskOf('host'));

async function opened(folder: string, options: Partial<DiskStoreOptions> = {}): Promise<DiskStore> {
  return await DiskStore.open({ folder, durability: 'process', ...options });
}

async function segmentsOf(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.segment'));
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('the folder', () => {
  test('has one identity for all who see it, also when they come at the same time, and no other has the same', async () => {
    const folder = join(await scratch(), 'made', 'on the way');
    const stores = await Promise.all(Array.from({ length: 10 }, () => opened(folder)));
    const ids = new Set(await Promise.all(stores.map((store) => store.identity())));
    expect(ids.size).toBe(1);
    expect(await (await opened(folder, { durability: 'host' })).identity()).toBe([...ids][0]);
    expect(await (await opened(await scratch())).identity()).not.toBe([...ids][0]);
  });

  test('what crashed processes left on the way in and out is cleared', async () => {
    const folder = await scratch({ '.removed-1/1-ab/x.segment': 'x', '.draft-2/0-cd/y': 'y' });
    await opened(folder);
    expect((await readdir(folder)).sort()).toEqual(['identity', 'logs']);
  });

  test('that cannot be made or written to is refused with the reason', async () => {
    const folder = await scratch({ file: 'x' });
    const failure = await failureOf(() => opened(join(folder, 'file')));
    expect(failure.code).toBe('STORE_FAILED');
    expect(failure.message).toContain(join(folder, 'file'));
  });

  test('that is gone is said to be when a log that was looked at is read', async () => {
    const folder = await scratch();
    const store = await opened(folder, { segmentBytes: 100 });
    const log = await store.open('log', 1);
    await appendTexts(log, ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40)));
    await log.close();
    const found = await store.look('log');
    const [, second = ''] = (await segmentsOf(folder)).sort();
    await rm(join(folder, second));
    const read: number[] = [];
    const failure = await failureOf(async () => {
      for await (const { position } of found.read(0)) read.push(position);
    });
    expect([read, failure.code]).toEqual([[0], 'STORE_FAILED']);
    expect(failure.message).toMatch(/^cannot read .*\/logs\/log: /);
  });

  test('may be used with one durability after the other', async () => {
    const folder = await scratch();
    for (const [attempt, durability] of (['process', 'host', 'process', 'host'] as const).entries()) {
      const log = await (await opened(folder, { durability, segmentBytes: 100 })).open('log', attempt + 1);
      await appendTexts(log, ['a', 'b', 'c']);
      expect(await readTexts(log, 0)).toHaveLength((attempt + 1) * 3);
      await log.close();
    }
  });
});

describe('segments', () => {
  test('full ones are removed by a cut, whole and oldest first', async () => {
    const folder = await scratch();
    const log = await (await opened(folder, { segmentBytes: 500 })).open('log', 1);
    for (let i = 0; i < 40; i++) await log.append(1, [payload(100)]);
    const before = (await segmentsOf(folder)).length;
    expect(before).toBeGreaterThan(10);
    await log.cut(20);
    expect((await segmentsOf(folder)).length).toBeLessThan(before - 4);
    expect(log.first).toBeGreaterThan(16);
    expect(await readAll(log, log.first)).toHaveLength(40 - log.first);
    await log.close();
  });

  test('attempts that append nothing leave nothing', async () => {
    const folder = await scratch();
    const store = await opened(folder);
    for (let attempt = 1; attempt <= 100; attempt++) await (await store.open('log', attempt)).close();
    expect(await segmentsOf(folder)).toHaveLength(1);
  });

  test('hold one file open per log, and none once it is closed', async () => {
    const store = await opened(await scratch(), { segmentBytes: 200 });
    const before = openFiles();
    const logs = await Promise.all(Array.from({ length: 300 }, (_, i) => store.open(`log ${i}`, 1)));
    await Promise.all(logs.flatMap((log) => Array.from({ length: 10 }, () => log.append(1, [payload(90)]))));
    for (const log of logs) for await (const { position } of log.read(0)) if (position === 5) break;
    expect(openFiles() - before).toBeLessThanOrEqual(300);
    await Promise.all(logs.map((log) => log.close()));
    expect(openFiles()).toBeLessThanOrEqual(before);
  });

  test('a refused attempt and a failed opening hold nothing open', async () => {
    const folder = await scratch();
    const store = await opened(folder);
    await (await store.open('log', 1)).close();
    const before = openFiles();
    await failureOf(() => store.open('log', 1));
    const [segment = ''] = await segmentsOf(folder);
    await writeFile(join(folder, segment), payload(200));
    expect((await failureOf(() => store.open('log', 2))).code).toBe('LOG_CORRUPT');
    expect(openFiles()).toBe(before);
  });
});

describe('the limit', () => {
  test('counts what other processes have in the store, and what they free', async () => {
    const folder = await scratch();
    const options = { limitBytes: 50_000, segmentBytes: 1000 };
    const [mine, theirs] = [await opened(folder, options), await opened(folder, options)];
    const [log, other] = [await mine.open('mine', 1), await theirs.open('theirs', 1)];
    for (let i = 0; i < 40; i++) await other.append(1, [payload(1000)]);
    const failure = await failureOf(async () => {
      for (;;) await log.append(1, [payload(1000)]);
    });
    expect(failure.code).toBe('STORE_FULL');
    expect(log.durable).toBeLessThan(10);
    await other.cut(other.durable);
    const again = await mine.open('mine', 2);
    for (let i = 0; i < 20; i++) await again.append(1, [payload(1000)]);
    await Promise.all([log, other, again].map((each) => each.close()));
  });
});

/** A file system of 1 MiB in this folder; false where one may not make it. */
function mountSmall(folder: string): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status !== 0) return false;
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return true;
}

test.for(['process', 'host'] as const)('a full disk fails the append with %s durability, says so, and what was confirmed is there', async (durability, { skip }) => {
  const folder = join(await scratch(), 'small');
  await mkdir(folder);
  if (!mountSmall(folder)) skip('only who may mount a file system can fill one');
  await writeFile(join(folder, 'ballast'), payload(100_000));
  const store = await opened(folder, { durability, segmentBytes: 200_000 });
  const log = await store.open('log', 1);
  const failure = await failureOf(async () => {
    for (;;) await Promise.all([log.append(1, [payload(30_000)]), log.append(1, [payload(30_000)])]);
  });
  expect(failure.code).toBe('STORE_FAILED');
  expect(failure.message).toContain('ENOSPC');
  expect(failure.message).toContain(folder);
  expect(failure.hint).toContain('Free some space');
  expect(await failureOf(() => log.append(1, []))).toBe(failure);
  await log.close();
  await rm(join(folder, 'ballast'));
  const again = await store.open('log', 2);
  expect(again.durable).toBeGreaterThanOrEqual(log.durable);
  expect(again.durable).toBeGreaterThan(20);
  for (const record of await readAll(again, 0)) expect(record.payload.equals(payload(30_000))).toBe(true);
  await again.close();
});
