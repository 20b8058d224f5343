import { Random } from '../../src/base/random.ts';
import type { StageSettings } from '../../src/autoscale/settings.ts';
import { LOAD_KINDS, makeLoad, type Load, type LoadKind } from './loads.ts';
import { between, fraction, type PipelineShape } from './pipeline.ts';
import type { StageShape } from './sim-stage.ts';

export interface Scenario {
  readonly seed: number;
  readonly kind: LoadKind;
  readonly shape: PipelineShape;
  readonly load: Load;
}

/** Tuples/s. */
const LEAST_RATE = 100;
const MOST_RATE = 5_000;

/** The load at its highest never needs more tasks of a stage than this, far from the most it may have. */
const MOST_NEEDED_TASKS = 12;

/** Of a task's capacity: what somebody who knows it would set. */
const LW_SHARE = 0.4;
const HW_SHARE = 0.8;

/** Everything about the scenario of a seed; seeds go through the kinds of load in turn. `knowsWish`: see `PipelineShape`. */
export function makeScenario(seed: number, knowsWish = true): Scenario {
  const random = new Random(seed);
  const kind = LOAD_KINDS[seed % LOAD_KINDS.length] ?? 'constant';
  const high = LEAST_RATE * (MOST_RATE / LEAST_RATE) ** fraction(random);
  const load = makeLoad(kind, high / between(random, 2, 20), high, random);
  const count = 1 + random.below(5);
  const hot = kind === 'skew' ? random.below(count) : -1;
  const stages: StageShape[] = [];
  let demand = high;
  for (let index = 0; index < count; index++) {
    const selectivity = between(random, 0.2, 2);
    const capacity = demand / between(random, 0.1, MOST_NEEDED_TASKS * 0.7);
    stages.push({ capacity, selectivity, tasks: 1 + random.below(4), ...(index === hot ? { hotShare: between(random, 0.2, 0.7) } : {}) });
    demand *= selectivity;
  }
  return { seed, kind, load, shape: { stages, measuringNoise: between(random, 0, 0.08), knowsWish } };
}

/** What somebody would set for the stages who knows their capacities. */
export function thresholdsFor({ shape }: Scenario): Record<number, StageSettings> {
  return Object.fromEntries(shape.stages.map(({ capacity }, index) => [index + 1, { policy: { kind: 'thresholds', lw: LW_SHARE * capacity, hw: HW_SHARE * capacity } }]));
}
