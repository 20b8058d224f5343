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
