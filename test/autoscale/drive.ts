import { decide, type AutoscaleState } from '../../src/autoscale/autoscale.ts';
import type { Decision } from '../../src/autoscale/decision.ts';
import type { AutoscaleSettings } from '../../src/autoscale/settings.ts';
import type { StageSample } from '../../src/autoscale/stage-sample.ts';

export interface Decided extends Decision {
  /** From the first sample, which stands for the first second. */
  readonly second: number;
}

/** What stage 1 and those behind it do in a second in which they have so many tasks. */
export type Measured = (second: number, tasks: readonly number[]) => readonly StageSample[];

/** Asks each second, does what is decided at once, and gives all of it. `tasks`: of each stage, the first one's first. */
export function drive(settings: AutoscaleSettings, tasks: readonly number[], seconds: number, measured: Measured): Decided[] {
  const now = [...tasks];
  const decided: Decided[] = [];
  let state: AutoscaleState | undefined;
  for (let second = 1; second <= seconds; second++) {
    const outcome = decide(state, measured(second, now), second * 1_000, settings);
    state = outcome.state;
    for (const decision of outcome.decisions) {
      decided.push({ ...decision, second });
      if (decision.kind === 'scale') now[decision.stage - 1] = decision.to;
    }
  }
  return decided;
}

/** Of a source that knows what is wanted, unless `wanted` is undefined, and is not held back unless told. */
export function source(out: number, wanted: number | undefined = out, blockedShare = 0): StageSample {
  return { stage: 0, tasks: 1, inTuplesPerSecond: out, outTuplesPerSecond: out, backlogBytes: 0, busyShare: 0, blockedShare, settled: true, wantedTuplesPerSecond: wanted };
}

export function sampleOf(stage: number, tasks: number, rate: number, busyShare: number, more: Partial<StageSample> = {}): StageSample {
  return { stage, tasks, inTuplesPerSecond: rate, outTuplesPerSecond: rate, backlogBytes: 0, busyShare, blockedShare: 0, settled: true, ...more };
}

/** One stage whose tasks take `capacity` tuples/s each, under a rate that it is given, or what it can take of it. */
export function oneStage(rateAt: (second: number) => number, capacity: number): Measured {
  return (second, [tasks = 1]) => {
    const wanted = rateAt(second);
    const rate = Math.min(wanted, capacity * tasks);
    return [source(rate, wanted, rate < wanted ? 1 : 0), sampleOf(1, tasks, rate, rate / (capacity * tasks))];
  };
}
