import { Random } from '../../src/base/random.ts';
import { Pipeline } from './pipeline.ts';
import { makeScaler, type ScalerName } from './scalers.ts';
import type { Scenario } from './scenario.ts';

interface Action {
  readonly second: number;
  readonly stage: number;
  readonly from: number;
  readonly to: number;
}

export interface Played {
  readonly actions: readonly Action[];
  /** Of each second: tasks of each stage, whether more piled up outside, whether some stage had no time left. */
  readonly tasks: readonly (readonly number[])[];
  readonly grew: readonly boolean[];
  readonly saturated: readonly boolean[];
}

/** Share of a second's tuples by which the pile outside must grow to count; less is the edge of a step. */
const GROWTH_SHARE = 0.02;

/** Share of the time from which a stage counts as saturated. */
const SATURATED_SHARE = 0.99;

/** A whole scenario. Everything is the same for the same seed. */
export function play(scenario: Scenario, name: ScalerName): Played {
  const { seed, shape, load } = scenario;
  const scaler = makeScaler(name, scenario);
  const pipeline = new Pipeline(shape, new Random(seed + 1));
  const actions: Action[] = [];
  const tasks: number[][] = [];
  const grew: boolean[] = [];
  const saturated: boolean[] = [];
  for (const [second, tuples] of load.tuples.entries()) {
    const outside = pipeline.outsideTuples;
    const samples = pipeline.second(tuples);
    tasks.push(pipeline.stages.map((stage) => stage.tasks));
    grew.push(pipeline.outsideTuples - outside > GROWTH_SHARE * tuples);
    saturated.push(pipeline.stages.some((stage) => stage.seenBusyShare >= SATURATED_SHARE));
    for (const { stage, to } of scaler(samples, (second + 1) * 1_000)) {
      actions.push({ second: second + 1, stage, from: samples[stage]?.tasks ?? 0, to });
      pipeline.rescale(stage, to);
    }
  }
  return { actions, tasks, grew, saturated };
}
