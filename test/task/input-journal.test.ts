import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Checkpoint } from '../../src/task/checkpoint-record.ts';
import { InputJournal } from '../../src/task/input-journal.ts';
import { NOTHING_SKIPPED } from '../../src/task/skip.ts';
import { scratch } from '../connect/scratch.ts';

const SEGMENT_BYTES = 256;

async function reopened(folder: string, attempt: number): Promise<InputJournal> {
  const store = await DiskStore.open({ folder, durability: 'process', segmentBytes: SEGMENT_BYTES });
  return new InputJournal(await store.open('task', attempt));
}

/** Tuple `index` of a producer. */
function frame(producer: number, index: number) {
  return { kind: 'frame', producer, first: index, count: 1, bytes: tuple(index) } as const;
}

function tuple(index: number): Buffer {
  return Buffer.from(`${index}`.padStart(31, 'x') + '\n');
}

function position(next: number, ended = false) {
  return { next, ended, superseded: false, digest: Array.from({ length: next }, (_, index) => tuple(index)).reduce((digest, bytes) => crc32(bytes, digest), 0) };
}

function checkpoint(after: number, input: Checkpoint['input'], state: string): Checkpoint {
  return { after, input, inputBytes: 0, skipped: NOTHING_SKIPPED, output: { tuples: 0, offsetBytes: 0, generation: 1, channels: [] }, held: [], state: Buffer.from(state), complete: false };
}

describe('G3: what a journal says of where its task stands', () => {
  test('without a checkpoint is all of it', async () => {
    const folder = await scratch();
    const journal = await reopened(folder, 1);
    for (const entry of [frame(0, 0), frame(1, 0), frame(0, 1), { kind: 'fin', producer: 1, sequence: 1, superseded: true }, { kind: 'cut' }] as const) await journal.append(entry);
    await journal.close();
    expect(await (await reopened(folder, 2)).state()).toEqual({ positions: new Map([[0, position(2)], [1, { ...position(1, true), superseded: true }]]), finished: false, checkpoint: undefined, skips: [], skipped: NOTHING_SKIPPED, switches: [] });
  });

  test('is the last checkpoint and what stands behind its place, before or behind the checkpoint itself', async () => {
    const folder = await scratch();
    const journal = await reopened(folder, 1);
    for (let index = 0; index < 20; index++) await journal.append(frame(0, index));
    await journal.cut(await journal.record(checkpoint(12, new Map([[0, position(12)]]), 'first')));
    for (let index = 20; index < 30; index++) await journal.append(frame(0, index));
    const last = await journal.record(checkpoint(25, new Map([[0, position(24)]]), 'last'));
    await journal.append({ kind: 'fin', producer: 0, sequence: 30, superseded: false });
    await journal.append({ kind: 'finished' });
    await journal.close();
    const again = await reopened(folder, 2);
    const state = await again.state();
    // Entry 20 is the first checkpoint, so entry 25 is tuple 24.
    expect(state).toEqual({ positions: new Map([[0, position(30, true)]]), finished: true, checkpoint: last, skips: [], skipped: NOTHING_SKIPPED, switches: [] });
    expect((await again.contentsOf(last)).state.toString()).toBe('last');
  });
});

test('G4: what a checkpoint covers is let go', async () => {
  const journal = await reopened(await scratch(), 1);
  for (let index = 0; index < 50; index++) await journal.append(frame(0, index));
  const before = journal.bytes;
  await journal.cut(await journal.record(checkpoint(45, new Map([[0, position(45)]]), '')));
  expect(journal.bytes).toBeLessThan(before / 4);
  const left: number[] = [];
  for await (const { position: at } of journal.read(45)) left.push(at);
  expect(left).toEqual([45, 46, 47, 48, 49, 50]);
});
