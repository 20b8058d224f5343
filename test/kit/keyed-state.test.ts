import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyedState, entriesOf } from '../../src/kit/keyed-state.ts';
import { readState, writeState } from '../../src/kit/state-format.ts';
import { ANY_VALUE, type ValueCodec } from '../../src/kit/value-codec.ts';

/** What a state is after it was written and read. */
function returned<Value>(state: KeyedState<Value>, codec: ValueCodec<Value> = ANY_VALUE as ValueCodec<Value>): KeyedState<Value> {
  const again = new KeyedState<Value>();
  const bytes = writeState(() => {}, entriesOf(state, codec));
  readState(bytes, () => {}, entriesOf(again, codec));
  return again;
}

const anyValue = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: false, maxDepth: 2 });

test('keys, values and their order come back', () => {
  const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('2', '10', '1', '__proto__', '', '\udcff'));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, anyValue)), (entries) => {
      const state = new KeyedState<unknown>(entries);
      expect([...returned(state)]).toEqual([...state]);
    }),
    { numRuns: 300 },
  );
});

test('a key that was taken out and put in again stands last, in the original and in the copy', () => {
  const state = new KeyedState([['a', 1], ['b', 2], ['c', 3]]);
  state.delete('a');
  state.set('a', 4).set('b', 5);
  expect([...returned(state)]).toEqual([['b', 5], ['c', 3], ['a', 4]]);
});

test.each([-0, NaN, Infinity, 0.1, 2 ** 60, undefined, null, true, 7n, '', 'é', '\udcff'])('the value %s comes back', (value) => {
  expect(returned(new KeyedState([['k', value]])).get('k')).toBe(value);
});

test('a key that is no string is refused at once', () => {
  expect(() => new KeyedState().set(1 as unknown as string, 1)).toThrow('a key of the state is of type number: keys are strings');
});

describe('what would come back as something else', () => {
  class Point {
    readonly x = 1;
  }

  test('is refused when the state is taken', () => {
    expect(() => returned(new KeyedState<unknown>([['k', new Point()]]))).toThrow(/an instance of Point.*"values"/);
    expect(() => returned(new KeyedState<unknown>([['k', () => 1]]))).toThrow('could not be cloned');
  });

  test('comes back through a codec of the operator', () => {
    const codec: ValueCodec<Point> = { toBytes: () => Buffer.of(1), fromBytes: () => new Point() };
    expect(returned(new KeyedState([['k', new Point()]]), codec).get('k')).toBeInstanceOf(Point);
  });
});
