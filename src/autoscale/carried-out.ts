import type { AutoscaleState } from './autoscale.ts';
import type { Decision } from './decision.ts';

/**
 * The state where decisions were told and not carried out: tasks that were never added cannot have brought nothing (AS7), and
 * nothing has to settle (AS5).
 */
export function notDone(state: AutoscaleState, decisions: readonly Decision[]): AutoscaleState {
  const stages = { ...state.stages };
  for (const { kind, stage } of decisions) {
    const known = stages[stage];
    if (kind === 'scale' && known !== undefined) stages[stage] = { ...known, lastAction: undefined, lastUp: undefined, stuckRate: undefined };
  }
  return { ...state, stages };
}

/** The state where a decision has been carried out: what has to settle (AS5) does so from `now` on. */
export function doneBy(state: AutoscaleState, { stage }: Decision, now: number): AutoscaleState {
  const known = state.stages[stage];
  if (known?.lastAction === undefined) return state;
  return { ...state, stages: { ...state.stages, [stage]: { ...known, lastAction: { ...known.lastAction, atMs: now } } } };
}
