import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { shrink } from '../../src/check/shrink.ts';

test('nothing that is left can be left away, and what is left still shows it', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 2, max: 200 }), fc.nat(), fc.nat(), async (length, one, other) => {
    const items = Array.from({ length }, (_, index) => index);
    const wanted = [one % length, other % length];
    const kept = await shrink(items, (some) => Promise.resolve(wanted.every((item) => some.includes(item))));
    expect(kept).toEqual([...new Set(wanted)].toSorted((a, b) => a - b));
  }), { numRuns: 50 });
});

test('what only the whole input shows stays whole', async () => {
  const items = [1, 2, 3, 4];
  expect(await shrink(items, (some) => Promise.resolve(some.length === 4))).toEqual(items);
});

test('it gives up after a number of tries with the smallest so far', async () => {
  let tries = 0;
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const kept = await shrink(items, (some) => {
    tries += 1;
    return Promise.resolve(some.length > 1_000 && some.filter((item) => item % 3 === 0).length > 900);
  });
  expect(tries).toBeLessThan(200);
  expect(kept.length).toBeGreaterThan(1_000);
});
