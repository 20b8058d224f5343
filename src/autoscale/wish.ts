import { tasksFor, type Band } from './band.ts';
import { errorOf, isFull, meanOf } from './level.ts';
import type { StageState } from './stage-state.ts';

/** How many tasks the level of a stage's load asks for, other than it has. */
export interface Wish {
  readonly tasks: number;
  /** On which side of the band a task's share of the load lies. */
  readonly side: 'above' | 'below';
}

/** So many of the newest values must all lie outside the band, so that no single second, however wild, moves anything. */
const SUSTAINED_VALUES = 3;

/** A level that was judged is judged again when it has drifted so far, as a share of it, or by twice its error. */
const LEAST_DRIFT = 0.1;

/** As a share of the level: queues and smoothed figures make noise that lasts, of which neighbouring values show too little. */
const LEAST_ERROR = 0.05;

/**
 * A level that has just changed is told from values that were picked because they are extreme: by as many values more than
 * this, and it is half as doubtful again.
 */
const DOUBTFUL_VALUES = 3;

/** Whether the level is as sure as it gets, and nothing has been decided on it since (AS3). */
export function mustJudge({ level, judged }: StageState): boolean {
  if (level === undefined || !isFull(level)) return false;
  if (judged === undefined) return true;
  const mean = meanOf(level);
  return Math.abs(mean - judged) > Math.max(LEAST_DRIFT * Math.max(mean, judged), 2 * errorOf(level));
}

/**
 * AS2, AS3, AS4. `tasks`: how many there are. `saturated`: whether they have no time left.
 * A number that is asked for by a load above the band is greater than `tasks`, by one below it smaller.
 */
export function wishOf(state: StageState, tasks: number, band: Band, saturated: boolean): Wish | undefined {
  const { level, quickUsed } = state;
  if (level === undefined) return undefined;
  const [mean, judging] = [meanOf(level), mustJudge(state)];
  const error = Math.max(errorOf(level), LEAST_ERROR * mean);
  const [most, least] = [band.high * tasks, band.low * tasks];
  const last = level.values.slice(-SUSTAINED_VALUES);
  const sustained = (outside: (value: number) => boolean) => last.length === SUSTAINED_VALUES && last.every(outside);

  const doubt = error * (1 + DOUBTFUL_VALUES / level.values.length);
  const surelyAbove = mean - doubt > most && sustained((value) => value > most);
  // Of a saturated stage the true load may have shown only once tasks were added.
  if ((surelyAbove && (!quickUsed || saturated)) || (judging && mean > most)) {
    const wanted = tasksFor(mean, band);
    return wanted > tasks ? { tasks: wanted, side: 'above' } : undefined;
  }
  const surelyBelow = mean + doubt < least && (judging || sustained((value) => value < least));
  if (!surelyBelow || (quickUsed && !judging)) return undefined;
  // For the load that may be, not the one that seems to be: tasks that were removed are not to be missed.
  const enough = tasksFor(mean + error, band);
  return enough < tasks ? { tasks: enough, side: 'below' } : undefined;
}
