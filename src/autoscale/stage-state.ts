import { addSample, forgetRate, noAbilities, type Abilities } from './abilities.ts';
import { addValue, startLevel, type Level } from './level.ts';
import type { StageSample } from './stage-sample.ts';

/** What is remembered of a stage from one second to the next. Plain JSON. */
export interface StageState {
  readonly abilities: Abilities;
  /** Of its load, in the unit of its band; undefined before there was one to measure. */
  readonly level?: Level | undefined;
  /** Whether something was decided on the present level before it was sure (AS3). */
  readonly quickUsed: boolean;
  /** The level when it was last judged (AS3); undefined if it has changed since. */
  readonly judged?: number | undefined;
  readonly backlogBytes: number;
  /** For how many seconds without a break the backlog has grown. */
  readonly backlogGrewSeconds: number;
  readonly lastAction?: { readonly from: number; readonly to: number; readonly atMs: number } | undefined;
  /** The last time that tasks were added, and the rate before, in tuples/s. */
  readonly lastUp?: { readonly from: number; readonly to: number; readonly rate: number } | undefined;
  /** Tuples/s at which adding tasks brought nothing (AS7). */
  readonly stuckRate?: number | undefined;
}

export function newStage(): StageState {
  return { abilities: noAbilities(), quickUsed: false, backlogBytes: 0, backlogGrewSeconds: 0 };
}

/** With what was measured in one second more; the load, which follows from all stages together, is added by `addLoad`. */
export function observe(state: StageState, sample: StageSample, now: number): StageState {
  return {
    ...state,
    abilities: addSample(state.abilities, sample, now),
    backlogBytes: sample.backlogBytes,
    backlogGrewSeconds: sample.backlogBytes > state.backlogBytes ? state.backlogGrewSeconds + 1 : 0,
  };
}

/** A changed level is one to decide on anew (AS3). */
export function addLoad(state: StageState, load: number): StageState {
  if (state.level === undefined) return { ...state, level: startLevel(load) };
  const { level, changed } = addValue(state.level, load);
  return changed ? { ...state, level, quickUsed: false, judged: undefined } : { ...state, level };
}

/** As it will be with another number of tasks. `rate`: tuples/s until now. */
export function acted(state: StageState, from: number, to: number, rate: number, now: number): StageState {
  return {
    ...state,
    abilities: forgetRate(state.abilities),
    quickUsed: true,
    lastAction: { from, to, atMs: now },
    lastUp: to > from ? { from, to, rate } : undefined,
    stuckRate: undefined,
  };
}
