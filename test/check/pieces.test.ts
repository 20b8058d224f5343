import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAnywhere, cutAt, exampleCuts, fewTupleCuts, tupleCuts } from '../../src/check/pieces.ts';
import { tuples } from './harness.ts';

const someTuples = fc.array(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.concat([bytes, Buffer.from('\n')])), { minLength: 1, maxLength: 60 });

test('cut anywhere, no byte is lost, and no piece is empty', () => {
  fc.assert(fc.property(someTuples, (tuples) => {
    const pieces = cutAnywhere(tuples);
    expect(Buffer.concat(pieces).equals(Buffer.concat(tuples))).toBe(true);
    expect(pieces.every((piece) => piece.length > 0)).toBe(true);
  }));
});

describe.each([['tupleCuts', tupleCuts], ['fewTupleCuts', fewTupleCuts], ['exampleCuts', exampleCuts]])('%s', (_, cutsOf) => {
  test('cuts between tuples, in order, so that no part is empty and none is lost', () => {
    fc.assert(fc.property(someTuples, (tuples) => {
      for (const cuts of cutsOf(tuples)) {
        const parts = cutAt(tuples, cuts);
        expect(parts.length).toBe(cuts.length + 1);
        expect(parts.length).toBeGreaterThan(1);
        expect(parts.every((part) => part.length > 0)).toBe(true);
        expect(parts.flat()).toEqual(tuples);
      }
    }));
  });

  test('cuts two tuples, and not one', () => {
    expect(cutsOf(tuples('a', 'b'))).toContainEqual([1]);
    expect(cutsOf(tuples('a'))).toEqual([]);
  });
});

test('one cut lies between two equal neighbours', () => {
  expect(tupleCuts(tuples('a', 'b', 'c', 'd', 'e', 'f', 'g', 'g', 'h', 'i'))).toContainEqual([7]);
});
