import { expect, test } from 'vitest';
import { measure, quantile, sum, type Measures } from './measures.ts';
import { play } from './play.ts';
import type { LoadKind } from './loads.ts';
import type { ScalerName } from './scalers.ts';
import { makeScenario } from './scenario.ts';

/** Of each kind of load. `node test/autoscale/main.ts` plays a thousand in all. */
const SEEDS = Array.from({ length: 140 }, (_, index) => index + 1);

const scenarios = SEEDS.map((seed) => makeScenario(seed));

function playAll(name: ScalerName, ...kinds: LoadKind[]): Measures[] {
  return scenarios.filter(({ kind }) => kinds.includes(kind)).map((scenario) => measure(scenario, play(scenario, name)));
}

test(`seeds 1 to ${SEEDS.length}: auto settles after a step in three actions for each stage, mostly within 5 s`, () => {
  const steps = playAll('auto', 'constant', 'steps');
  const perStep = steps.flatMap(({ actionsPerStep }) => actionsPerStep);
  expect(perStep.length).toBeGreaterThan(100);
  expect(perStep.filter((actions) => actions <= 3).length / perStep.length).toBeGreaterThanOrEqual(0.98);
  const settling = steps.flatMap(({ settlingSeconds }) => settlingSeconds);
  expect(quantile(settling, 0.5)).toBeLessThanOrEqual(5);
});

test.each(['constant', 'steps', 'ramps', 'noise'] as const)(`seeds 1 to ${SEEDS.length}: under %s, auto takes about the tasks of the ideal, and input hardly piles up`, (kind) => {
  const all = playAll('auto', kind);
  const ratio = sum(all.map(({ taskSeconds }) => taskSeconds)) / sum(all.map(({ idealTaskSeconds }) => idealTaskSeconds));
  expect(ratio).toSatisfy((ratio: number) => ratio > 0.85 && ratio < 1.15);
  expect(sum(all.map(({ grewShare }) => grewShare)) / all.length).toBeLessThan(0.02);
});

test.each(['auto', 'thresholds'] as const)(`seeds 1 to ${SEEDS.length}: %s takes a fraction of the actions of the plain rule`, (name) => {
  const actions = (scaler: ScalerName) => sum(playAll(scaler, 'constant', 'steps', 'noise').map((one) => one.actions));
  expect(actions(name)).toBeLessThan(actions('plain') / 10);
});

test('the same seed plays the same scenario', () => {
  expect(play(makeScenario(12), 'auto')).toEqual(play(makeScenario(12), 'auto'));
});
