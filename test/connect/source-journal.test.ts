import { describe, expect, onTestFinished, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { SourceJournal } from '../../src/connect/source-journal.ts';
import type { Block } from '../../src/job/block.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Log } from '../../src/log/log.ts';
import { MemoryDisk } from '../../src/log/memory-disk.ts';
import { blockOf } from '../job/kernel/own-kernel.ts';
import { scratch } from './scratch.ts';

const LINES = Array.from({ length: 40 }, (_, line) => `line ${String(line).padStart(4, '0')}, which takes some room\n`);
const LINE_BYTES = LINES[0]?.length ?? 0;

/** Of another type than the journal's own. */
const OTHER_TYPE = 1;

/** A journal of all lines, a block each, with a record of another type behind each. */
async function journalIn(open: (attempt: number) => Promise<Log>): Promise<{ log: Log; journal: SourceJournal }> {
  const written = await open(1);
  const first = await SourceJournal.open(written);
  for (const line of LINES) {
    await first.append(blockOf('lines', Buffer.from(line)) as Block);
    await written.append(OTHER_TYPE, [Buffer.from('position')]);
  }
  await first.end();
  await written.close();
  const log = await open(2);
  onTestFinished(() => log.close());
  return { log, journal: await SourceJournal.open(log) };
}

describe('SJ4: what is being read is not cut', () => {
  test('where reading begins behind much that was not cut before', async () => {
    const folder = await scratch();
    const { log, journal } = await journalIn(async (attempt) => (await DiskStore.open({ folder, durability: 'process', segmentBytes: 200 })).open('source', attempt));
    const from = 30 * LINE_BYTES;
    const reading = journal.read(from);
    const first = reading.next();
    await log.cut(journal.firstNeeded(from));
    expect(String((await first).value)).toBe(LINES[30]);
    const rest: string[] = [];
    for await (const bytes of reading) rest.push(String(bytes));
    expect(rest).toEqual(LINES.slice(31));
  });

  test.each([1, 2, 3, 4, 5])('where all that was read is cut at once, seed %i', async (seed) => {
    const disk = new MemoryDisk({ random: new Random(seed), durability: 'process', limitBytes: Infinity });
    const { log, journal } = await journalIn((attempt) => disk.connect(queueMicrotask).open('source', attempt));
    const read: string[] = [];
    for await (const bytes of journal.read(0)) {
      read.push(String(bytes));
      await log.cut(journal.firstNeeded(read.length * LINE_BYTES));
    }
    expect(read).toEqual(LINES);
    // SJ3: the last block says how much there was.
    expect(journal.recorded).toEqual({ tuples: LINES.length, bytes: LINES.length * LINE_BYTES });
    expect(log.first).toBeGreaterThan(0);
  });
});
