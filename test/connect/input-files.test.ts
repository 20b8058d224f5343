import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputFiles } from '../../src/connect/input-files.ts';
import { scratch } from './scratch.ts';

async function entryOf(name: string, text: string): Promise<{ path: string; bytes: number; gzip: boolean }> {
  const path = join(await scratch(), name);
  await writeFile(path, text);
  return { path, bytes: text.length, gzip: false };
}

test('files are told apart by inode, size and time', async () => {
  const files = [await entryOf('a', 'one\n'), await entryOf('b', 'three\n')];
  const found = await inputFiles(files);
  const stats = await Promise.all(files.map(({ path }) => stat(path)));
  expect(found).toEqual(files.map(({ path, bytes }, index) => ({ path, bytes, inode: stats[index]?.ino, modifiedMs: stats[index]?.mtimeMs })));
});

test('what cannot be read anywhere and again, or says nothing of its size, is none', async () => {
  const plain = await entryOf('a', 'one\n');
  expect(await inputFiles([plain, { ...plain, gzip: true }])).toBe(undefined);
  expect(await inputFiles([plain, { ...plain, stream: true }])).toBe(undefined);
  expect(await inputFiles([plain, { ...plain, bytes: 0 }])).toBe(undefined);
  expect(await inputFiles(Array.from({ length: 1_001 }, () => plain))).toBe(undefined);
  expect(await inputFiles(Array.from({ length: 1_000 }, () => plain))).toHaveLength(1_000);
});

test('one that is gone is told by its name', async () => {
  await expect(inputFiles([{ path: '/not/there', bytes: 1, gzip: false }])).rejects.toThrow('cannot read /not/there');
});
