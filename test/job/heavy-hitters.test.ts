import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeavyHitters } from '../../src/job/heavy-hitters.ts';

/** Some more often than others. */
const key = constantFrom('a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k');

function counted(keys: readonly string[], capacity: number, halveAt = Infinity): HeavyHitters {
  const sketch = new HeavyHitters(capacity, halveAt);
  for (const key of keys) sketch.add(key, 1);
  return sketch;
}

describe('the most frequent keys', () => {
  test('are exact while there are no more keys than counters', () => {
    const keys = ['a', 'b', 'a', 'c', 'a', 'b', 'a', 'a', 'a', 'b'];
    expect(counted(keys, 3).top(5, 0)).toEqual([{ key: 'a', share: 0.6 }, { key: 'b', share: 0.3 }, { key: 'c', share: 0.1 }]);
    expect(counted(keys, 3).top(1, 0)).toEqual([{ key: 'a', share: 0.6 }]);
    expect(counted(keys, 3).top(5, 0.2).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('are never said to be more frequent than they are', () => {
    assert(property(array(key, { minLength: 1, maxLength: 300 }), integer({ min: 1, max: 8 }), (keys, capacity) => {
      for (const { key: found, share } of counted(keys, capacity).top(100, 0)) {
        expect(share).toBeLessThanOrEqual(keys.filter((other) => other === found).length / keys.length + 1e-9);
      }
    }));
  });

  test('hold every key that is more than a part of all as large as one counter, and what is missing of it is no more than that part', () => {
    assert(property(array(key, { minLength: 1, maxLength: 300 }), integer({ min: 2, max: 8 }), (keys, capacity) => {
      const top = counted(keys, capacity).top(100, -1);
      for (const one of new Set(keys)) {
        const share = keys.filter((other) => other === one).length / keys.length;
        if (share <= 1 / capacity) continue;
        const found = top.find((hitter) => hitter.key === one);
        expect(found, one).toBeDefined();
        expect(found?.share).toBeGreaterThanOrEqual(share - 1 / capacity - 1e-9);
      }
    }));
  });

  test('are those of late: what is long ago fades', () => {
    const sketch = counted([...Array.from({ length: 1000 }, () => 'old'), ...Array.from({ length: 400 }, () => 'new')], 4, 100);
    const [first, second] = sketch.top(2, 0);
    expect([first?.key, (first?.share ?? 0) > 0.9, (second?.share ?? 1) < 0.1]).toEqual(['new', true, true]);
  });

  test('of nothing are none', () => {
    expect(new HeavyHitters(4, 100).top(3, 0)).toEqual([]);
  });
});
