import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';

const draw = (seed: number, count: number) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.next());
};

test('a seed gives the same numbers in every version', () => {
  expect(draw(1, 4)).toEqual([3421527613, 4222085574, 498198555, 4056930953]);
});

test('neighbouring seeds, negative ones and those beyond 32 bits give different numbers', () => {
  const firsts = [0, 1, 2, 3, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((seed) => draw(seed, 1)[0]);
  expect(new Set(firsts).size).toBe(firsts.length);
});

test('numbers below a limit are all reached and evenly', () => {
  const random = new Random(11);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) {
    const number = random.below(10);
    counts[number] = (counts[number] ?? 0) + 1;
  }
  // 1,000 each; the standard deviation is 30.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
