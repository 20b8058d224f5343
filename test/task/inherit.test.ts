import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { hashBytes, partitionOf } from '../../src/job/partition.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { ByteWriter } from '../../src/kit/byte-writer.ts';
import { STATE_MAGIC } from '../../src/kit/state-format.ts';
import { MemoryDisk } from '../../src/log/memory-disk.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../src/task/checkpoint-record.ts';
import { inherit } from '../../src/task/inherit.ts';
import { InputJournal, type JournalEntry } from '../../src/task/input-journal.ts';
import { NOTHING_SKIPPED } from '../../src/task/skip.ts';
import { failureOf } from '../connect/scratch.ts';
import { stagePlan } from './stage-plan.ts';

type Entries = readonly JournalEntry[];

function frame(text: string, producer = 0, first = 0): JournalEntry {
  return { kind: 'frame', producer, first, count: text.split('\n').length - 1, bytes: Buffer.from(text) };
}

function fin(producer: number, superseded: boolean): JournalEntry {
  return { kind: 'fin', producer, sequence: 0, superseded };
}

/** The last of a task that was superseded, behind so many entries. */
function last(state: Buffer | string, after = 0, complete = true): JournalEntry {
  return { kind: 'checkpoint', checkpoint: { after, input: new Map(), inputBytes: 0, skipped: NOTHING_SKIPPED, output: { tuples: 0, offsetBytes: 0, generation: 1, channels: [] }, held: [], state: Buffer.from(state), complete } };
}

async function journalOf(entries: Entries): Promise<InputJournal> {
  const disk = new MemoryDisk({ random: new Random(1), durability: 'process', limitBytes: Infinity });
  const journal = new InputJournal(await disk.connect(queueMicrotask).open('task', 1));
  await Promise.all(entries.map((entry) => journal.append(entry)));
  return journal;
}

interface Options {
  readonly producers?: readonly number[];
  readonly maxTupleBytes?: number;
}

/** What each task of the next generation begins with. */
async function inherited(stage: Partial<StagePlan>, tasks: number, had: readonly Entries[], { producers = [0], maxTupleBytes = 1024 }: Options = {}): Promise<Checkpoint[]> {
  const journals = await Promise.all(had.map(journalOf));
  const plan = stagePlan({ ...stage, tasks });
  return await Promise.all(Array.from({ length: tasks }, (_, index) => inherit({ stage: plan, index, maxTupleBytes, journals, producers, generationBehind: 7 })));
}

async function statesOf(...args: Parameters<typeof inherited>): Promise<string[]> {
  return (await inherited(...args)).map(({ state }) => state.toString('latin1'));
}

function ownerOf(key: string, tasks: number): number {
  return partitionOf(hashBytes(Buffer.from(key), 0, Buffer.byteLength(key)), tasks);
}

const KEYED = { partitioning: { kind: 'column', column: 1 } } as const;

const anyLine = fc.tuple(fc.nat(20), fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 8 })).map(([key, rest]) => `k${key},${rest}\n`);

/** Frames of each task. */
const anyInput = fc.array(fc.array(fc.array(anyLine, { minLength: 1, maxLength: 6 }).map((lines) => lines.join('')), { maxLength: 5 }), { minLength: 1, maxLength: 4 });

const anyTasks = fc.integer({ min: 1, max: 5 });

function ownLines(lines: readonly string[], keyed: boolean, tasks: number, index: number): string {
  return lines.filter((line) => ownerOf(keyed ? (line.split(',')[0] as string) : line.slice(0, -1), tasks) === index).join('');
}

function linesIn(texts: readonly string[]): string[] {
  return texts.join('').split(/(?<=\n)/);
}

describe('H1: under the contract replay each task begins with all tuples that it owns and that others were to be fed', () => {
  test('in the order of the journals, whoever had them', async () => {
    await fc.assert(fc.asyncProperty(anyInput, anyTasks, fc.boolean(), async (had, tasks, keyed) => {
      const got = await statesOf({ contract: 'replay', ...(keyed ? KEYED : {}) }, tasks, had.map((frames) => frames.map((text) => frame(text))));
      const all = linesIn(had.flat());
      expect(got).toEqual(Array.from({ length: tasks }, (_, index) => ownLines(all, keyed, tasks, index)));
    }), { numRuns: 60 });
  });

  test('also those that they had begun with themselves, before what came since', async () => {
    await fc.assert(fc.asyncProperty(anyInput, anyTasks, async (had, tasks) => {
      const journals = had.map(([first = '', ...frames]) => [last(first, 0, false), ...frames.map((text) => frame(text))]);
      const all = linesIn(had.flat());
      expect(await statesOf({ contract: 'replay', ...KEYED }, tasks, journals)).toEqual(Array.from({ length: tasks }, (_, index) => ownLines(all, true, tasks, index)));
    }), { numRuns: 40 });
  });

  test('CSV records of several lines stay whole', async () => {
    const texts = ['a,"x\ny"\nb,1\n', 'a,"\n"\n'];
    const got = await statesOf({ contract: 'replay', inputFormat: 'csv', ...KEYED }, 3, [texts.map((text) => frame(text))]);
    expect(got[ownerOf('a', 3)]).toBe('a,"x\ny"\na,"\n"\n');
    expect(got[ownerOf('b', 3)]).toBe('b,1\n');
  });
});

describe('H1: under the contract fold each task begins with the lines that it owns of what those before have left', () => {
  test('in the order of the tasks', async () => {
    await fc.assert(fc.asyncProperty(anyInput, anyTasks, fc.boolean(), async (had, tasks, keyed) => {
      const printed = had.map((frames, index) => (keyed ? ownLines(linesIn(had.flat()), true, had.length, index) : frames.join('')));
      const journals = printed.map((lines) => [frame('fed, and folded\n'), last(lines, 1)]);
      const got = await statesOf({ contract: 'fold', ...(keyed ? KEYED : {}) }, tasks, journals);
      expect(got).toEqual(Array.from({ length: tasks }, (_, index) => ownLines(linesIn(printed), keyed, tasks, index)));
    }), { numRuns: 60 });
  });

  test('what was printed under another key than it was fed under would not meet that again, and is refused', async () => {
    const other = ['k0', 'k1', 'k2', 'k3'].find((key) => ownerOf(key, 2) === 1) as string;
    const error = await failureOf(() => inherited({ contract: 'fold', ...KEYED }, 3, [[last(`${other},1\n`)], [last('')]]));
    expect([error.code, error.message]).toEqual(['NOT_SCALABLE', expect.stringContaining('what its operator prints has other keys than what it was fed')]);
  });

  test('and with none of one that had enough before', async () => {
    expect(await statesOf({ contract: 'fold' }, 1, [[frame('a\n'), last('a\n', 1, false), { kind: 'finished' }], [last('b\n')]])).toEqual(['b\n']);
  });

  test('what is no line of the job is refused', async () => {
    expect((await failureOf(() => inherited({ contract: 'fold' }, 2, [[last(`${'x'.repeat(100)}\n`)]], { maxTupleBytes: 50 }))).code).toBe('TUPLE_TOO_LONG');
  });
});

describe('H1: under the contract snapshot each task begins with the state of the keys that it owns', () => {
  function state(keys: readonly string[], line = 0): Buffer {
    const writer = new ByteWriter();
    writer.raw(Buffer.from(STATE_MAGIC, 'latin1'));
    const shared = Buffer.alloc(12);
    shared.writeDoubleLE(line, 0);
    writer.bytes(shared);
    for (const key of keys) {
      writer.latin1(key);
      writer.latin1(`value of ${key}`);
    }
    return writer.finish();
  }

  test('of whatever tasks had it', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    const had = Array.from({ length: 3 }, (_, task) => keys.filter((key) => ownerOf(key, 3) === task));
    const got = await inherited({ contract: 'snapshot', ...KEYED }, 5, had.map((own) => [last(state(own))]));
    expect(got.map((checkpoint) => checkpoint.state)).toEqual(Array.from({ length: 5 }, (_, index) => state(had.flat().filter((key) => ownerOf(key, 5) === index))));
  });

  test('and with none where none of them had any', async () => {
    expect(await statesOf({ contract: 'snapshot', ...KEYED }, 2, [[last('')], [frame('a\n'), { kind: 'finished' }]])).toEqual(['', '']);
  });

  test('what cannot be divided is refused', async () => {
    expect((await failureOf(() => inherited({ contract: 'snapshot', ...KEYED }, 2, [[last('{}')]]))).code).toBe('NOT_SCALABLE');
  });
});

test('under the contract restart each task begins with nothing: those before saw the end of their input', async () => {
  expect(await statesOf({ contract: 'restart', ...KEYED }, 2, [[frame('a\n'), last('left over', 1)]])).toEqual(['', '']);
});

describe('H2: a producer has ended for a task', () => {
  const ended = async (...had: readonly Entries[]) => [...(await inherited({ contract: 'restart' }, 1, had, { producers: [0, 1, 256] }))[0]?.input.entries() ?? []];
  const ENDED = { next: 0, ended: true, digest: 0, superseded: false };

  test('that ended for those before it', async () => {
    expect(await ended([fin(0, false), fin(1, true)], [fin(0, false), fin(1, true)])).toEqual([[0, ENDED]]);
  });

  test('also where only one of those before has heard of it: others had enough', async () => {
    expect(await ended([{ kind: 'finished' }], [fin(256, false)])).toEqual([[256, ENDED]]);
  });

  test('also where a checkpoint alone remembers', async () => {
    const checkpoint = last('', 1) as Extract<JournalEntry, { kind: 'checkpoint' }>;
    const input = new Map([[1, { next: 9, ended: true, digest: 3, superseded: false }]]);
    expect(await ended([fin(1, false), { kind: 'checkpoint', checkpoint: { ...checkpoint.checkpoint, input } }])).toEqual([[1, ENDED]]);
  });

  test('but not one that goes on with it, nor one that it does not have', async () => {
    expect(await ended([fin(0, true), fin(1, true), fin(2, false)])).toEqual([]);
  });
});

test('where its output goes: nothing was put out, and it goes to the generation behind that there is', async () => {
  const [checkpoint] = await inherited({ contract: 'replay' }, 1, [[frame('a\n')]]);
  expect(checkpoint).toMatchObject({ after: 0, inputBytes: 0, skipped: NOTHING_SKIPPED, output: { tuples: 0, offsetBytes: 0, generation: 7, channels: [] }, complete: false });
  expect(decodeCheckpoint(Buffer.concat(encodeCheckpoint(checkpoint as Checkpoint)))).toEqual(checkpoint);
});
