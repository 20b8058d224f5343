import { expect, test } from 'vitest';
import { ruleFor } from '../../src/autoscale/settings.ts';

test('what a stage says goes before what is said of the job', () => {
  const settings = {
    policy: { kind: 'thresholds', lw: 50, hw: 200 },
    stages: { 2: { policy: { kind: 'auto', busy: { low: 0.3, high: 0.9 } }, min: 2, max: 4, cooldownMs: 1_000 } },
  } as const;
  expect(ruleFor(settings, 1)).toMatchObject({ min: 1, max: 32, cooldownMs: 10_000, band: { low: 50, high: 200, target: 155 }, fixed: undefined });
  expect(ruleFor(settings, 2)).toMatchObject({ min: 2, max: 4, cooldownMs: 1_000, band: { low: 0.3, high: 0.9 } });
});

test('a band of its own is aimed at where the usual one is', () => {
  const target = (busy?: { low: number; high: number }) => ruleFor({ policy: { kind: 'auto', busy } }, 1).band.target;
  expect(target({ low: 0.5, high: 0.8 })).toBeCloseTo(target());
  expect(target({ low: 0, high: 0.6 })).toBeCloseTo(0.4);
});
