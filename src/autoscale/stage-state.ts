import { addSample, forgetRate, noAbilities, recentRateOf, type Abilities } from './abilities.ts';
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
  /** The last time that tasks were added, until it has brought something or nothing was to be had from it (AS7). */
  readonly lastUp?: LastUp | undefined;
  /** Tuples/s at which adding tasks brought nothing (AS7). */
  readonly stuckRate?: number | undefined;
}

interface LastUp {
  readonly from: number;
  readonly to: number;
  /** Tuples/s that the stage took before. */
  readonly rate: number;
  /** Tuples/s that it was to take, the least since then. */
  readonly demand: number;
}

/** What tasks have brought is too little below this share of what was to be had. */
const LEAST_GAIN = 0.2;

/** Where less than this was to be had, as a share of the rate, a gain cannot be told from noise. */
const TELLING_GAIN = 0.1;

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

/** AS7: forgets the last tasks added if they have brought something, or if nothing is to be had any more. */
export function weighLastUp(state: StageState, demand: number | undefined): StageState {
  const { lastUp } = state;
  if (lastUp === undefined) return state;
  const least = Math.min(lastUp.demand, demand ?? lastUp.demand);
  const possible = Math.min(lastUp.to / lastUp.from, least / lastUp.rate) - 1;
  const gained = recentRateOf(state.abilities) / lastUp.rate - 1;
  if (possible <= TELLING_GAIN || gained >= LEAST_GAIN * possible) return { ...state, lastUp: undefined, stuckRate: undefined };
  return { ...state, lastUp: { ...lastUp, demand: least } };
}

/** As it will be with another number of tasks. `demand`: tuples/s, undefined while nobody knows. */
export function acted(state: StageState, from: number, to: number, demand: number | undefined, now: number): StageState {
  const rate = recentRateOf(state.abilities);
  return {
    ...state,
    abilities: forgetRate(state.abilities),
    quickUsed: true,
    lastAction: { from, to, atMs: now },
    lastUp: to > from && rate > 0 && demand !== undefined ? { from, to, rate, demand } : undefined,
    stuckRate: undefined,
  };
}
