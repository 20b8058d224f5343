/** The decision for one stage, from its level and what it is known to be able to do. */
import { capacityOf, recentRateOf, trueRateOf } from './abilities.ts';
import { explain, held, rounded, scaled, type Decision } from './decision.ts';
import { errorOf, meanOf } from './level.ts';
import type { StageRule } from './settings.ts';
import { isSaturated, type StageSample } from './stage-sample.ts';
import { acted, type StageState } from './stage-state.ts';
import { mustJudge, wishOf, type Wish } from './wish.ts';

export interface SizingInput {
  readonly state: StageState;
  readonly sample: StageSample;
  readonly rule: StageRule;
  /** Tuples/s, as of this second; undefined while nobody knows. */
  readonly demand: number | undefined;
  /** Whether it holds back the stage before it, and nobody holds back this one. */
  readonly isBottleneck: boolean;
  readonly now: number;
}

export interface Sized {
  readonly state: StageState;
  readonly decision?: Decision | undefined;
}

/** Removing what was just added takes longer than adding more: what calls for tasks comes back sooner than it seems. */
const REMOVE_AFTER_ADDING_COOLDOWNS = 3;

/** AS4: seconds without a break; a backlog that is more one second and less the next does not grow. */
const GROWING_BACKLOG_SECONDS = 3;

/** AS6: remembered capacity that may be used, under thresholds, where the user says how full a task should be. */
const CAPACITY_SHARE = 0.95;

export function sizeStage(input: SizingInput): Sized {
  const { state, sample, rule } = input;
  const least = Math.min(rule.max, Math.max(rule.min, sample.tasks));
  if (least !== sample.tasks && rule.fixed === undefined) return intoLimits(input, least);
  const saturated = isSaturated(sample);
  const wish = wishOf(state, sample.tasks, rule.band, saturated);
  if (wish === undefined) return { state: judgedIfDue(state) };
  return wish.side === 'above' ? add(input, wish) : remove(input, wish, saturated);
}

function intoLimits({ state, sample, rule, demand, now }: SizingInput, to: number): Sized {
  if (!isCool(state, rule, now, false)) return { state };
  const reason = to > sample.tasks ? `its least is ${rule.min}` : `its most is ${rule.max}`;
  const next = acted(state, sample.tasks, to, demand, now);
  // It was not the load that asked for it.
  return { state: { ...next, quickUsed: state.quickUsed }, decision: scaled(sample.stage, sample.tasks, to, reason) };
}

function add(input: SizingInput, wish: Wish): Sized {
  const { state, rule, now } = input;
  if (!isCool(state, rule, now, false)) return { state };
  const to = Math.min(wish.tasks, rule.max);
  if (rule.fixed !== undefined) return hold(input, wish, rule.fixed);
  if (to <= input.sample.tasks) return hold(input, wish, `its most is ${rule.max}`);
  const nothing = broughtNothing(input);
  if (nothing !== undefined) return hold({ ...input, state: { ...state, stuckRate: recentRateOf(state.abilities) } }, wish, nothing);
  return scale(input, wish, to);
}

function remove(input: SizingInput, wish: Wish, saturated: boolean): Sized {
  const { state, sample, rule, now } = input;
  if (saturated || state.backlogGrewSeconds >= GROWING_BACKLOG_SECONDS) return { state };
  if (!isCool(state, rule, now, true)) return { state };
  const to = Math.max(wish.tasks, rule.min, neededByCapacity(input));
  // Nothing has been decided: the remembered capacity fades, and then the same load leaves tasks over.
  if (to >= sample.tasks) return { state };
  return rule.fixed === undefined ? scale(input, wish, to) : hold(input, { ...wish, tasks: to }, rule.fixed);
}

function scale(input: SizingInput, wish: Wish, to: number): Sized {
  const { state, sample, demand, now } = input;
  const next = acted(judgedIfDue(state), sample.tasks, to, demand, now);
  return { state: next, decision: scaled(sample.stage, sample.tasks, to, reasonOf(input, wish)) };
}

/** AS8: said once for each level, and once more when it has been judged. */
function hold(input: SizingInput, wish: Wish, why: string): Sized {
  const { state, sample } = input;
  if (state.quickUsed && !mustJudge(state)) return { state };
  return { state: used(state), decision: held(sample.stage, sample.tasks, wish.tasks, `${reasonOf(input, wish)}: ${why}`) };
}

function used(state: StageState): StageState {
  return { ...judgedIfDue(state), quickUsed: true };
}

function judgedIfDue(state: StageState): StageState {
  return state.level !== undefined && mustJudge(state) ? { ...state, judged: meanOf(state.level) } : state;
}

/** AS5. */
function isCool({ lastAction }: StageState, { cooldownMs }: StageRule, now: number, removing: boolean): boolean {
  if (lastAction === undefined) return true;
  const added = lastAction.to > lastAction.from;
  return now - lastAction.atMs >= cooldownMs * (removing && added ? REMOVE_AFTER_ADDING_COOLDOWNS : 1);
}

/** AS6: the least tasks that can take the load if each takes no more than it took when it had no time left. */
function neededByCapacity({ state, rule, now }: SizingInput): number {
  const capacity = capacityOf(state.abilities, now);
  const trueRate = trueRateOf(state.abilities);
  if (capacity === undefined || state.level === undefined) return 1;
  const load = meanOf(state.level) + errorOf(state.level);
  if (rule.policy.kind === 'thresholds') return Math.ceil(load / (capacity * CAPACITY_SHARE));
  return trueRate === undefined ? 1 : Math.ceil((load * trueRate) / (capacity * rule.band.target));
}

/** AS7: why no more tasks are added, or undefined. */
function broughtNothing({ state: { lastUp, stuckRate, abilities }, isBottleneck }: SizingInput): string | undefined {
  if (lastUp === undefined || (stuckRate === undefined && !isBottleneck)) return undefined;
  return `${lastUp.from} -> ${lastUp.to} brought nothing, ${rounded(lastUp.rate)}/s before and ${rounded(recentRateOf(abilities))}/s since; one key may have too large a share`;
}

function reasonOf({ state, sample, rule, demand }: SizingInput, { side }: Wish): string {
  const load = state.level === undefined ? 0 : meanOf(state.level);
  const [rate, trueRate] = [recentRateOf(state.abilities), trueRateOf(state.abilities)];
  return explain({ policy: rule.policy, side, tasks: sample.tasks, load, rate, demand, trueRate, band: rule.band });
}
