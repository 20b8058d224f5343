/**
 * How many tasks each stage of a running job should have: a pure function of what was measured, once a second.
 *
 * AS1 What is decided follows from state, samples, time and settings alone. The state is plain JSON, so that whoever takes a
 *     job over goes on where the one before was.
 * AS2 Tasks are added where each has more than its band's high mark to do and removed where less than its low mark, at once to
 *     the number that brings each to the target. Where no number lies in the band, it is the least that is not above it.
 * AS3 On one level of the load (autoscale/level) something is decided at most twice: as soon as it surely lies outside the
 *     band, and again when it has been the same for a minute and is as sure as it gets. After that nothing is, until the level
 *     changes or has drifted away. So noise around a constant load moves nothing for longer than that. Only a stage that is
 *     saturated, and surely above, is given more in between.
 * AS4 Tasks are removed only where the load, with its error, surely leaves them over, and never while the stage is saturated
 *     or its backlog grows.
 * AS5 Between two actions on a stage lies its cool-down, and three of them before tasks that were added are removed.
 * AS6 Tasks are not removed down to a number whose capacity, as remembered from when the stage was saturated, the load would
 *     exceed: an operator that sleeps, or waits for another program, seems to have time left that it has not.
 * AS7 A stage that holds up the others, and to which the last tasks added brought nothing, gets no more until its rate has
 *     grown or its demand has shrunk.
 * AS8 A stage stays within its least and most tasks, and a fixed one stays as it is. What it would have had otherwise is told.
 * AS9 The job is one line of stages: while any of them is not settled, rates of the others say nothing, and nothing is decided.
 * AS10 A stage is sized for what it would be given if none held up another, as long as there are others that can grow; being
 *      held back by the next stage is no work, and calls for no tasks.
 *
 * Method of `auto`: DS2, Kalavri, Liagouris, Hoffmann, Dimitrova, Forshaw and Roscoe, "Three steps is all you need: fast,
 * accurate, automatic scaling decisions for distributed streaming dataflows", OSDI 2018. What is added to it is AS3 to AS9.
 */
import { invariant } from '../base/errors.ts';
import { selectivityOf, trueRateOf } from './abilities.ts';
import type { Decision } from './decision.ts';
import { demands, wantedRate, type StageAbility } from './demand.ts';
import { ruleFor, type AutoscaleSettings, type StageRule } from './settings.ts';
import { sizeStage } from './size-stage.ts';
import { isSaturated, type StageSample } from './stage-sample.ts';
import { addLoad, newStage, observe, weighLastUp, type StageState } from './stage-state.ts';

/** What is remembered from one second to the next (AS1). */
export interface AutoscaleState {
  readonly atMs: number;
  /** By stage number, without the source. */
  readonly stages: Readonly<Record<number, StageState>>;
}

export interface Outcome {
  readonly state: AutoscaleState;
  /** In the order of the stages; of each stage one at most. */
  readonly decisions: readonly Decision[];
}

/** Longer without a settled second, and what was known may no longer be so. */
const FORGET_AFTER_MS = 10 * 60_000;

/** A stage that is held back for less than this share of the time goes at its own speed. */
const HELD_BACK_SHARE = 0.1;

/**
 * To be called once a second of a running job. `state`: what the call before gave; undefined at first. `samples`: of all
 * stages from the source on, in their order; the sink is none of them. `now`: ms of any clock that is not set back; a state
 * from a later time is not used.
 */
export function decide(state: AutoscaleState | undefined, samples: readonly StageSample[], now: number, settings: AutoscaleSettings): Outcome {
  checkSamples(samples);
  const known = state !== undefined && state.atMs <= now && now - state.atMs <= FORGET_AFTER_MS ? state : { atMs: now, stages: {} };
  // AS9.
  if (samples.some((sample) => !sample.settled)) return { state: known, decisions: [] };
  const [source, ...operators] = samples;
  invariant(source !== undefined, 'there is a source');
  const seen = operators.map((sample) => observe(known.stages[sample.stage] ?? newStage(), sample, now));
  const rules = operators.map(({ stage }) => ruleFor(settings, stage));
  const wanted = demands(wantedRate(source), operators.map((sample, index) => abilityOf(sample, at(seen, index), at(rules, index))));

  const stages: Record<number, StageState> = {};
  const decisions: Decision[] = [];
  for (const [index, sample] of operators.entries()) {
    const [rule, demand] = [at(rules, index), wanted[index]];
    const load = loadOf(sample, at(seen, index), rule, demand, source.wantedTuplesPerSecond !== undefined);
    const loaded = weighLastUp(load === undefined ? at(seen, index) : addLoad(at(seen, index), load), demand);
    const isBottleneck = isHeldBack(at(samples, index)) && !isHeldBack(sample);
    const sized = sizeStage({ state: loaded, sample, rule, demand, isBottleneck, now });
    stages[sample.stage] = sized.state;
    if (sized.decision !== undefined) decisions.push(sized.decision);
  }
  return { state: { atMs: now, stages }, decisions };
}

/** AS10: what bounds the demand of the other stages. */
function abilityOf({ tasks }: StageSample, { abilities, stuckRate }: StageState, { fixed, max }: StageRule): StageAbility {
  const trueRate = trueRateOf(abilities);
  const mostTuplesPerSecond = stuckRate ?? (trueRate === undefined ? Infinity : trueRate * (fixed === undefined ? Math.max(max, tasks) : tasks));
  return { selectivity: selectivityOf(abilities), mostTuplesPerSecond };
}

/** In the unit of the band: tuples/s, or tasks that work all the time. Undefined where it cannot be told yet. */
function loadOf(sample: StageSample, { abilities }: StageState, { policy }: StageRule, demand: number | undefined, isDemandKnown: boolean): number | undefined {
  if (policy.kind === 'thresholds') {
    // What a saturated stage takes is what it can, not what there is.
    return isDemandKnown && isSaturated(sample) ? Math.max(sample.inTuplesPerSecond, demand ?? 0) : sample.inTuplesPerSecond;
  }
  if (demand === 0) return 0;
  const trueRate = trueRateOf(abilities);
  return demand === undefined || trueRate === undefined ? undefined : demand / trueRate;
}

function isHeldBack({ blockedShare }: StageSample): boolean {
  return blockedShare >= HELD_BACK_SHARE;
}

function checkSamples(samples: readonly StageSample[]): void {
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    invariant(before === undefined ? sample.stage === 0 : sample.stage > before.stage, `the sample of stage ${sample.stage} stands in its place`);
    invariant(sample.tasks >= 1, `stage ${sample.stage} has a task`);
    const figures = [sample.inTuplesPerSecond, sample.outTuplesPerSecond, sample.backlogBytes, sample.busyShare, sample.blockedShare, sample.wantedTuplesPerSecond ?? 0];
    invariant(figures.every((figure) => Number.isFinite(figure) && figure >= 0), `what is measured of stage ${sample.stage} is at least 0`);
  }
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  invariant(item !== undefined, `there is an item ${index}`);
  return item;
}
