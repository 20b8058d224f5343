import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FilePiece, InputFile } from '../../src/job/file-range.ts';
import { RangeFeed } from '../../src/task/range-feed.ts';

async function fileOf(text: string): Promise<InputFile> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-ranges-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'in');
  await writeFile(path, text);
  const { size: bytes, ino: inode, mtimeMs: modifiedMs } = await stat(path);
  return { path, bytes, inode, modifiedMs };
}

function pieceOf(from: InputFile, offsetBytes: number, bytes: number, newline = false): FilePiece {
  return { file: 0, offsetBytes, bytes, newline, from, length: bytes + (newline ? 1 : 0) };
}

/** `hold`: writes stay under way until they are let go. */
function feedOf({ tells = false, hold = false, clock = { ms: 0 } } = {}): { feed: RangeFeed; written: string[]; letGo: (() => void)[]; failures: unknown[]; changed: () => Promise<void> } {
  const written: string[] = [];
  const letGo: (() => void)[] = [];
  const failures: unknown[] = [];
  let wake: (() => void) | undefined;
  const tell = () => wake?.();
  const feed = new RangeFeed({
    tell: () => tells,
    write: (bytes, done) => {
      written.push(bytes.toString());
      if (hold) letGo.push(done);
      else done();
      tell();
    },
    room: tell,
    now: () => clock.ms,
    failed: (error) => {
      failures.push(error);
      tell();
    },
  });
  onTestFinished(() => feed.end());
  return { feed, written, letGo, failures, changed: () => new Promise((resolve) => (wake = resolve)) };
}

test('RF1: what comes while the last write is under way is written behind it', async () => {
  const file = await fileOf('abcdef');
  const { feed, written, letGo, changed } = feedOf({ hold: true });
  const done: string[] = [];
  feed.feed(pieceOf(file, 0, 2), 0, () => done.push('ab'));
  while (letGo.length === 0) await changed();
  feed.feed(pieceOf(file, 4, 2, true), 2, () => done.push('ef'));
  expect(feed.aheadBytes).toBe(5);
  letGo.shift()?.();
  while (letGo.length === 0) await changed();
  expect(written).toEqual(['ab', 'ef\n']);
  expect(done).toEqual(['ab']);
  letGo.shift()?.();
  while (feed.aheadBytes > 0) await changed();
  expect(done).toEqual(['ab', 'ef']);
});

test('RF1: what an operator reads itself is done when it says so', async () => {
  const file = await fileOf('abcdef');
  const { feed, written } = feedOf({ tells: true });
  const done: number[] = [];
  for (const offset of [0, 2, 4]) feed.feed(pieceOf(file, offset, 2), offset, () => done.push(offset));
  feed.handled(3);
  expect([done, feed.aheadBytes, feed.telling]).toEqual([[0], 4, true]);
  feed.handled(6);
  expect([done, feed.aheadBytes, feed.telling, written]).toEqual([[0, 2, 4], 0, false, []]);
});

test('what is of no use any more is done with', async () => {
  const file = await fileOf('abcdef');
  const { feed } = feedOf({ tells: true });
  const done: number[] = [];
  feed.feed(pieceOf(file, 0, 2), 0, () => done.push(0));
  feed.end();
  expect([done, feed.aheadBytes]).toEqual([[0], 0]);
});

test('RF2: a file that was changed or replaced is refused, one that has grown is not', async () => {
  const file = await fileOf('abcdef');
  const { feed, failures, changed } = feedOf();
  await writeFile(file.path, 'abcdefgh');
  feed.feed(pieceOf(file, 0, 2), 0, () => undefined);
  while (feed.aheadBytes > 0) await changed();
  feed.check();
  await writeFile(`${file.path}2`, 'abcdefgh');
  await rename(`${file.path}2`, file.path);
  expect(() => feed.check()).toThrow('is no longer the file that the job began to read');
  expect(() => feed.feed(pieceOf(file, 0, 2), 2, () => undefined)).toThrow('is no longer');
  await rm(file.path);
  expect(() => feed.check()).toThrow(`cannot read ${file.path}`);
  expect(failures).toEqual([]);
});

test('a quick copy gets more and more ahead, up to a limit; a slow one gets one piece', async () => {
  const file = await fileOf('x');
  const clock = { ms: 0 };
  const { feed } = feedOf({ tells: true, clock });
  const pieceBytes = 512 * 1024;
  let fedBytes = 0;
  const fill = () => {
    let pieces = 0;
    for (; !feed.full; pieces += 1) {
      feed.feed({ ...pieceOf(file, 0, pieceBytes) }, fedBytes, () => undefined);
      fedBytes += pieceBytes;
    }
    return pieces;
  };
  const handle = (tookMs: number) => {
    clock.ms += tookMs;
    feed.handled(fedBytes - feed.aheadBytes + pieceBytes);
    return fill();
  };
  expect(fill()).toBe(1);
  // Quick: 1 piece ahead, then 2, 4 and 8, and no more.
  expect([handle(5), handle(5), handle(5), handle(5), handle(5)]).toEqual([1, 2, 3, 5, 1]);
  // Slow: nothing more until all that is before it is handled.
  expect([0, 1, 2, 3, 4, 5, 6].map(() => handle(100))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(handle(100)).toBe(1);
});
