import { decide, type AutoscaleState } from '../../src/autoscale/autoscale.ts';
import type { AutoscaleSettings } from '../../src/autoscale/settings.ts';
import type { StageSample } from '../../src/autoscale/stage-sample.ts';
import { thresholdsFor, type Scenario } from './scenario.ts';

interface Change {
  readonly stage: number;
  readonly to: number;
}

/** Called once a second. */
export type Scaler = (samples: readonly StageSample[], nowMs: number) => readonly Change[];

export const SCALER_NAMES = ['auto', 'thresholds', 'plain'] as const;
export type ScalerName = (typeof SCALER_NAMES)[number];

/** As many tasks as a stage may have here, whoever scales it. */
const MAX_TASKS = 32;

export function makeScaler(name: ScalerName, scenario: Scenario): Scaler {
  if (name === 'plain') return plainScaler(scenario);
  return autoscaler({ policy: { kind: 'auto' }, ...(name === 'thresholds' ? { stages: thresholdsFor(scenario) } : {}) });
}

function autoscaler(settings: AutoscaleSettings): Scaler {
  let state: AutoscaleState | undefined;
  return (samples, nowMs) => {
    const outcome = decide(state, samples, nowMs, settings);
    state = outcome.state;
    return outcome.decisions.filter(({ kind }) => kind === 'scale');
  };
}

/** What one would write first: a task more above HW, a task less below LW, each second anew. */
function plainScaler(scenario: Scenario): Scaler {
  const rules = thresholdsFor(scenario);
  return (samples) => samples.flatMap(({ stage, tasks, inTuplesPerSecond, settled }): Change[] => {
    const policy = rules[stage]?.policy;
    if (policy?.kind !== 'thresholds' || !settled) return [];
    const share = inTuplesPerSecond / tasks;
    if (share > policy.hw && tasks < MAX_TASKS) return [{ stage, to: tasks + 1 }];
    return share < policy.lw && tasks > 1 ? [{ stage, to: tasks - 1 }] : [];
  });
}
