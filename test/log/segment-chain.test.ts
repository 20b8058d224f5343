/** Numbers in names are those of the rules in `src/log/segment-chain.ts`. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findSegments } from '../../src/log/segment-chain.ts';
import { segmentName } from '../../src/log/segment-header.ts';
import { SegmentWriter } from '../../src/log/segment-writer.ts';
import { scratch } from '../connect/scratch.ts';

type Segment = readonly [attempt: number, base: number, follows: number];

/** The segments that count and those that do not, as `attempt:base`, in a folder with files of these headers. */
async function found(segments: readonly Segment[], others: Readonly<Record<string, string>> = {}): Promise<{ chain: string[]; stale: number }> {
  const folder = await scratch(others);
  for (const [attempt, base, follows] of segments) await (await SegmentWriter.create(folder, { attempt, base, follows }, 'process')).close();
  const { chain, stale } = await findSegments(folder);
  for (const { path, header } of chain) expect(path).toBe(join(folder, segmentName(header.attempt, header.base)));
  return { chain: chain.map(({ header: { attempt, base } }) => `${attempt}:${base}`), stale: stale.length };
}

test('C1 an attempt goes on where it found the end, and no older records count from there on', async () => {
  expect(await found([[1, 0, 0], [1, 10, 0], [2, 15, 1], [2, 20, 1], [4, 22, 2]])).toEqual({ chain: ['1:0', '1:10', '2:15', '2:20', '4:22'], stale: 0 });
  expect(await found([[1, 0, 0], [1, 10, 0], [1, 15, 0], [1, 20, 0], [2, 15, 1]])).toEqual({ chain: ['1:0', '1:10', '2:15'], stale: 2 });
  expect(await found([[1, 0, 0], [2, 0, 1]])).toEqual({ chain: ['2:0'], stale: 1 });
});

test('C1 an attempt that its successor did not find does not count, whenever it shows up', async () => {
  expect(await found([[1, 0, 0], [2, 5, 1], [3, 6, 1]])).toEqual({ chain: ['1:0', '3:6'], stale: 1 });
  expect(await found([[1, 0, 0], [2, 5, 1], [3, 6, 1], [4, 8, 3]])).toEqual({ chain: ['1:0', '3:6', '4:8'], stale: 1 });
});

test('C1 it holds too when the oldest segments were cut', async () => {
  expect(await found([[1, 10, 0], [1, 20, 0], [3, 25, 1]])).toEqual({ chain: ['1:10', '1:20', '3:25'], stale: 0 });
  expect(await found([[3, 40, 1], [3, 50, 1]])).toEqual({ chain: ['3:40', '3:50'], stale: 0 });
});

test('C3 a file whose making was cut short does not count; files of other names are left alone', async () => {
  const unmade = { [segmentName(2, 5)]: '', [segmentName(1, 9)]: 'RainLog\n' };
  expect(await found([[1, 0, 0], [3, 7, 1]], { ...unmade, 'notes.txt': 'x' })).toEqual({ chain: ['1:0', '3:7'], stale: 2 });
});

test('a segment under the name of another is refused', async () => {
  const folder = await scratch();
  const writer = await SegmentWriter.create(folder, { attempt: 1, base: 0, follows: 0 }, 'host');
  await writer.close();

  await copyFile(writer.path, join(folder, segmentName(2, 3)));
  await expect(findSegments(folder)).rejects.toThrow('a file of another name');
});
