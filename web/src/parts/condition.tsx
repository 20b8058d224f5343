/** What a task does, as a sign: shape and colour say the same. */
import { CONDITION_MEANING, type Condition } from '../live/task-state.ts';

/** In a square of 12 by 12. */
const SHAPES: Readonly<Record<Condition, string>> = {
  busy: 'M1 2.5A1.5 1.5 0 0 1 2.5 1h7A1.5 1.5 0 0 1 11 2.5v7A1.5 1.5 0 0 1 9.5 11h-7A1.5 1.5 0 0 1 1 9.5z',
  partly: 'M2 2h8v8H2zM2 6.5h8',
  starved: 'M2 2h8v8H2z',
  blocked: 'M2 1h3v10H2zM7 1h3v10H7z',
  running: 'M2.5 1.2 10.5 6l-8 4.8z',
  starting: 'M6 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8z',
  stalled: 'M6 .8 11.6 11H.4z',
  failed: 'M2 2l8 8M10 2l-8 8',
  ended: 'M2 6.4l2.7 2.8L10 3.2',
};

export function ConditionSign({ condition }: { readonly condition: Condition }) {
  return <svg class={`sign sign--${condition}`} viewBox="0 0 12 12" aria-hidden="true"><path d={SHAPES[condition]} />{condition === 'partly' ? <path class="sign__half" d="M2 6.5h8V10H2z" /> : null}</svg>;
}

export function ConditionWord({ condition }: { readonly condition: Condition }) {
  return <span class={`condition condition--${condition}`} title={CONDITION_MEANING[condition]}><ConditionSign condition={condition} /> {nameOf(condition)}</span>;
}

export function nameOf(condition: Condition): string {
  return condition === 'partly' ? 'partly busy' : condition;
}
