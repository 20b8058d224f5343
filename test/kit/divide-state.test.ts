import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashBytes, partitionOf } from '../../src/job/partition.ts';
import { ByteReader } from '../../src/kit/byte-reader.ts';
import { ByteWriter } from '../../src/kit/byte-writer.ts';
import { divideChain, divideState } from '../../src/kit/divide-state.ts';
import { STATE_MAGIC } from '../../src/kit/state-format.ts';

interface Entry {
  readonly key: string;
  readonly value: string;
}

interface State {
  readonly shared: Buffer;
  readonly entries: readonly Entry[];
}

/** The number of the next line, no bytes of a tuple, and what belongs to no key. */
function sharedPart(line: number, common = 'common'): Buffer {
  const head = Buffer.alloc(12);
  head.writeDoubleLE(line, 0);
  return Buffer.concat([head, Buffer.from(common)]);
}

function encode({ shared, entries }: State): Buffer {
  const writer = new ByteWriter();
  writer.raw(Buffer.from(STATE_MAGIC, 'latin1'));
  writer.bytes(shared);
  for (const { key, value } of entries) {
    writer.latin1(key);
    writer.latin1(value);
  }
  return writer.finish();
}

function decode(bytes: Buffer): State {
  const reader = new ByteReader(bytes);
  expect(reader.raw(STATE_MAGIC.length).toString('latin1')).toBe(STATE_MAGIC);
  const shared = reader.bytes();
  const entries: Entry[] = [];
  while (!reader.atEnd) entries.push({ key: reader.latin1(), value: reader.latin1() });
  return { shared, entries };
}

function ownerOf(key: Buffer, tasks: number): number {
  return partitionOf(hashBytes(key, 0, key.length), tasks);
}

/** What each of so many tasks begins with. */
function partsOf(states: readonly Buffer[], tasks: number): State[] {
  return Array.from({ length: tasks }, (_, task) => decode(divideState(states, (bytes, start, end) => ownerOf(bytes.subarray(start, end), tasks) === task)));
}

const anyText = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** What tasks had: each key in one of them. */
const anyEntries = fc.tuple(fc.uniqueArray(fc.record({ key: anyText, value: anyText }), { maxLength: 60, selector: ({ key }) => key }), fc.integer({ min: 1, max: 5 }))
  .map(([entries, tasks]) => Array.from({ length: tasks }, (_, task) => entries.filter(({ key }) => ownerOf(Buffer.from(key, 'latin1'), tasks) === task)));

describe('a state that is divided', () => {
  test('is whole again in its parts, each key with the task that it belongs to, in the order that it had', () => {
    fc.assert(fc.property(anyEntries, fc.integer({ min: 1, max: 9 }), (had, tasks) => {
      const all = had.flat();
      const parts = partsOf(had.map((entries, index) => encode({ shared: sharedPart(index), entries })), tasks);
      expect(parts.flatMap(({ entries }) => entries)).toHaveLength(all.length);
      for (const [task, { shared, entries }] of parts.entries()) {
        expect(entries).toEqual(all.filter(({ key }) => ownerOf(Buffer.from(key, 'latin1'), tasks) === task));
        expect(shared).toEqual(sharedPart(0));
      }
    }));
  });

  test('is the same however many tasks had it in between', () => {
    fc.assert(fc.property(anyEntries, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (had, between, tasks) => {
      const states = had.map((entries) => encode({ shared: sharedPart(0), entries }));
      const keysOf = (parts: readonly State[]) => parts.map(({ entries }) => entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
      expect(keysOf(partsOf(partsOf(states, between).map(encode), tasks))).toEqual(keysOf(partsOf(states, tasks)));
    }));
  });

  test('may be that of several operators in one process, each for itself', () => {
    fc.assert(fc.property(anyEntries, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (had, operators, tasks) => {
      const chains = had.map((entries) => {
        const writer = new ByteWriter();
        for (let operator = 0; operator < operators; operator++) writer.bytes(encode({ shared: sharedPart(0, `of ${operator}`), entries: entries.map(({ key, value }) => ({ key, value: `${value}${operator}` })) }));
        return writer.finish();
      });
      for (let task = 0; task < tasks; task++) {
        const reader = new ByteReader(divideChain(chains, operators, (bytes, start, end) => ownerOf(bytes.subarray(start, end), tasks) === task));
        for (let operator = 0; operator < operators; operator++) {
          const own = had.flat().filter(({ key }) => ownerOf(Buffer.from(key, 'latin1'), tasks) === task);
          expect(decode(reader.bytes())).toEqual({ shared: sharedPart(0, `of ${operator}`), entries: own.map(({ key, value }) => ({ key, value: `${value}${operator}` })) });
        }
        expect(reader.atEnd).toBe(true);
      }
    }));
  });
});

describe('a state cannot be divided', () => {
  const refusal = (states: readonly Buffer[]) => () => divideState(states, () => true);
  const NOT_SCALABLE = (why: string) => expect.objectContaining({ code: 'NOT_SCALABLE', message: expect.stringContaining(why) as string }) as Error;

  test('that is in a format of its own', () => {
    expect(refusal([Buffer.from('{"a":1}')])).toThrow(NOT_SCALABLE('in a format of the program\'s own'));
    expect(refusal([encode({ shared: sharedPart(0), entries: [] }), Buffer.alloc(0)])).toThrow(NOT_SCALABLE('in a format of the program\'s own'));
  });

  test('that holds the beginning of a tuple', () => {
    const shared = sharedPart(0);
    shared.writeUInt32LE(3, 8);
    expect(refusal([encode({ shared, entries: [] })])).toThrow(NOT_SCALABLE('it holds the beginning of a tuple'));
  });

  test('of which what belongs to no key is not the same everywhere', () => {
    const states = ['one', 'other'].map((common) => encode({ shared: sharedPart(0, common), entries: [] }));
    expect(refusal(states)).toThrow(NOT_SCALABLE('what belongs to no key is not the same'));
  });
});
