import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { addValue, errorOf, isFull, meanOf, startLevel, type Level } from '../../src/autoscale/level.ts';
import { tasksFor } from '../../src/autoscale/band.ts';
import { fraction } from './pipeline.ts';

const seeds = fc.integer({ min: 1, max: 1e9 });

function levelOf(values: readonly number[]): Level {
  return values.slice(1).reduce((level, value) => addValue(level, value).level, startLevel(values[0] ?? 0));
}

function noisy(seed: number, length: number, level: (index: number) => number, share = 0.2): number[] {
  const random = new Random(seed);
  return Array.from({ length }, (_, index) => level(index) * (1 + share * (2 * fraction(random) - 1)));
}

describe('a level', () => {
  test('V1: is the mean of a minute of noise, and wrong by no more than its error', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const level = levelOf(noisy(seed, 200, () => 50));
      expect(Math.abs(meanOf(level) - 50)).toBeLessThanOrEqual(Math.max(errorOf(level), 0.05 * 50));
      expect(level.values.length).toBeLessThanOrEqual(60);
    }), { numRuns: 50 });
  });

  test('V2: is that of the values behind a step as soon as there are two of them', () => {
    fc.assert(fc.property(seeds, fc.constantFrom(0.1, 0.3, 3, 10), (seed, factor) => {
      const level = levelOf(noisy(seed, 102, (index) => (index < 100 ? 50 : 50 * factor), 0.1));
      expect(level.values).toHaveLength(2);
      expect(Math.abs(meanOf(level) / (50 * factor) - 1)).toBeLessThanOrEqual(0.1);
    }), { numRuns: 50 });
  });

  test('V2: follows a slow rise', () => {
    const level = levelOf(noisy(7, 600, (index) => 100 + index));
    expect(meanOf(level)).toBeGreaterThan(620);
  });

  test('V3: learns how large the noise is, whatever steps there are', () => {
    const steps = (index: number) => (index % 100 < 50 ? 50 : 500);
    expect(levelOf(noisy(3, 400, () => 50, 0.2)).noise).toBeCloseTo(0.115, 1);
    expect(levelOf(noisy(3, 400, steps, 0.02)).noise).toBeLessThan(0.06);
  });

  test('of nothing is 0, and full after a minute', () => {
    const level = levelOf(Array.from({ length: 60 }, () => 0));
    expect([meanOf(level), errorOf(level), isFull(level)]).toEqual([0, 0, true]);
  });
});

describe('the number of tasks for a load', () => {
  test('brings each into the band wherever a number can, and above it never', () => {
    const bands = fc.tuple(fc.double({ min: 0, max: 0.98, noNaN: true }), fc.double({ min: 0.3, max: 0.9, noNaN: true }))
      .map(([low, aim]) => ({ low, high: 1, target: low + aim * (1 - low) }));
    fc.assert(fc.property(fc.double({ min: 0, max: 200, noNaN: true }), bands, (load, band) => {
      const tasks = tasksFor(load, band);
      const least = Math.max(1, Math.ceil(load * (1 - 1e-9)));
      expect(load / tasks).toBeLessThanOrEqual(1 + 1e-6);
      expect(load / tasks >= band.low || tasks === least).toBe(true);
    }));
  });
});
