import { expect, test } from 'vitest';
import { KeyCounts } from '../../../src/job/kernel/key-counts.ts';
import { newKernel } from '../../../src/job/kernel/kernel.ts';

function counts(maxPages: number): KeyCounts {
  const kernel = newKernel(maxPages);
  if (kernel === undefined) throw new Error('this machine has no kernel');
  return new KeyCounts(kernel, 1);
}

function blockOf(keys: readonly string[]) {
  let end = 0;
  return { bytes: Buffer.from(keys.map((key) => `${key}\n`).join('')), count: keys.length, ends: Uint32Array.from(keys, (key) => (end += key.length + 1)) };
}

/** As many keys as fit, counted a hundred at a time. */
function fill(subject: KeyCounts, take: (subject: KeyCounts, block: ReturnType<typeof blockOf>) => void): void {
  for (let i = 0; i < 1_000_000; i += 100) take(subject, blockOf(Array.from({ length: 100 }, (_, j) => `key ${i + j}`)));
}

test.each([
  ['counting', (subject: KeyCounts, block: ReturnType<typeof blockOf>) => subject.countPiece(block, 0)],
  ['counting on', (subject: KeyCounts, block: ReturnType<typeof blockOf>) => subject.countRunning(block, 0, () => {})],
  ['adding', (subject: KeyCounts, block: ReturnType<typeof blockOf>) => subject.add(block.bytes, 1)],
])('%s says so where the keys have no more room, and keeps those it has', (_, take) => {
  const subject = counts(64);
  expect(() => fill(subject, take)).toThrow(expect.objectContaining({ code: 'STATE_FULL' }));
  const kept = [...subject.entries()].map(({ key, count }) => [key.toString(), count]);
  expect(kept.length).toBeGreaterThan(1_000);
  expect(kept[0]?.[0]).toMatch(/^key 0/);
  expect(new Set(kept.map(([key]) => key)).size).toBe(kept.length);
  expect(new Set(kept.map(([, count]) => count))).toEqual(new Set([1]));
});

test('a key that is longer than all the room there is', () => {
  expect(() => counts(64).add(Buffer.alloc(5_000_000), 1)).toThrow(expect.objectContaining({ code: 'STATE_FULL' }));
});

test('keys come back in the order in which they came, while the table and its memory grow', () => {
  const subject = counts(4_096);
  const keys = Array.from({ length: 200_000 }, (_, i) => `${(i * 7_919) % 200_003} ${'x'.repeat(i % 40)}`);
  for (let i = 0; i < keys.length; i += 1_000) {
    const block = blockOf(keys.slice(i, i + 1_000));
    expect(subject.countPiece(block, 0)).toBe(1_000);
    subject.countPiece(blockOf(keys.slice(0, 3)), 0);
  }
  const entries = [...subject.entries()].map(({ key, count }) => [key.toString(), count] as const);
  expect(entries.map(([key]) => key)).toEqual(keys);
  expect(entries.slice(0, 4).map(([, count]) => count)).toEqual([201, 201, 201, 1]);
});

test('counts up to 2^53 are written in full', () => {
  const subject = counts(64);
  for (const count of [9, 10, 99_999, 100_000, 2 ** 32, 2 ** 53 - 1]) subject.add(Buffer.from(String(count)), count);
  const rows = [...subject.rows()].map(String).join('');
  expect(rows.split('\n').filter((row) => row !== '').toSorted()).toEqual([9, 10, 99_999, 100_000, 2 ** 32, 2 ** 53 - 1].map((count) => `${count},${count}`).toSorted());
});
