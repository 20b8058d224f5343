/** C3: what a sink has written is acked when it is committed, and a commit covers all that was written before it. */
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Log } from '../../src/log/log.ts';
import { MemoryDisk } from '../../src/log/memory-disk.ts';
import { SinkAcks } from '../../src/task/sink-acks.ts';
import { SinkCommits, type SinkCommit } from '../../src/task/sink-commits.ts';

function standing(bytes: number): SinkCommit {
  return { bytes, tuples: bytes, positions: new Map([[0, { next: bytes, ended: false, digest: 0 }]]), finalizing: false };
}

/** A log whose appends wait until they are let through. */
async function heldLog(): Promise<{ log: Log; appended: () => number; letThrough: () => void }> {
  const log = await new MemoryDisk({ random: new Random(1), durability: 'process', limitBytes: Infinity }).connect(queueMicrotask).open('sink', 1);
  const append = log.append.bind(log);
  const held: (() => void)[] = [];
  let appended = 0;
  log.append = async (type, payload) => {
    appended += 1;
    await new Promise<void>((resolve) => held.push(resolve));
    return await append(type, payload);
  };
  return { log, appended: () => appended, letThrough: () => held.splice(0).forEach((resolve) => resolve()) };
}

test('nothing is acked before it is committed, and what is written meanwhile is committed at once', async () => {
  const { log, appended, letThrough } = await heldLog();
  const commits = new SinkCommits(log);
  const acks = new SinkAcks(commits, (error) => expect.unreachable(String(error)));
  const acked: number[] = [];
  for (const bytes of [1, 2, 3, 4]) acks.written(standing(bytes), () => acked.push(bytes));
  expect([appended(), acked]).toEqual([1, []]);
  letThrough();
  await expect.poll(appended).toBe(2);
  expect([(await commits.last())?.bytes, acked]).toEqual([1, [1]]);
  letThrough();
  await acks.settled();
  expect([(await commits.last())?.bytes, acked, appended()]).toEqual([4, [1, 2, 3, 4], 2]);
});

test('behind a commit that fails nothing is acked', async () => {
  const { log, letThrough } = await heldLog();
  const failures: unknown[] = [];
  const acks = new SinkAcks(new SinkCommits(log), (error) => failures.push(error));
  const acked: number[] = [];
  acks.written(standing(1), () => acked.push(1));
  await log.close();
  letThrough();
  await acks.settled();
  acks.written(standing(2), () => acked.push(2));
  await acks.settled();
  expect([failures.length, acked]).toEqual([1, []]);
});
