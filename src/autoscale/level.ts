/**
 * The level of a noisy series, and how sure it is.
 *
 * V1 The level is the mean of all values since the last change, `FULL_WINDOW` at most: it gets surer the longer nothing happens.
 * V2 A change is where the newest values differ from those before by more than noise explains. Everything before it is dropped,
 *    so that a step is seen as a whole as soon as two values lie behind it.
 * V3 How large the noise is, is learned from the differences of neighbours, in which steps and slopes hardly appear.
 *
 * Method: an adaptive window as ADWIN's (Bifet and Gavaldà, "Learning from time-changing data with adaptive windowing", SDM
 * 2007), with a bound for the mean of independent values instead of Hoeffding's; the noise as in von Neumann's ratio (1941).
 */

/** Plain JSON. */
export interface Level {
  /** Since the last change, the oldest first; never empty. */
  readonly values: readonly number[];
  /** Standard deviation of one value, as a share of the level. */
  readonly noise: number;
  /** From how many values the noise has been learned, what was assumed included; `NOISE_MEMORY` at most. */
  readonly learned: number;
}

/** Values, one a second. In a minute, noise of 20 % has averaged out to 2 %, and what is slower than that is not noise. */
const FULL_WINDOW = 60;

/** What is assumed before there is anything to learn from: ±20 %, evenly spread. */
const FIRST_NOISE = 0.12;

/** Below, the error would vanish, and with it the caution towards what has not been seen yet. */
const LEAST_NOISE = 0.01;

/** As many values the assumption is worth. */
const FIRST_LEARNED = 8;

/** Values over which the noise is learned; from fewer it would be told 10 % wrong, and every error of a level with it. */
const NOISE_MEMORY = 100;

/** As a share of the level; so a step counts as little more noise than a very noisy second. */
const MOST_DIFFERENCE = 0.5;

/** Mean distance of two independent values from the normal distribution, in standard deviations: 2 / sqrt(pi). */
const MEAN_DIFFERENCE = 1.128;

/** Standard deviations. A window is tried a thousand times an hour in several ways; 4.5 are exceeded once in 150,000. */
const CHANGE_DEVIATIONS = 4.5;

/** Less is no change worth starting anew for, as a share of the level. */
const LEAST_CHANGE = 0.1;

/** Standard deviations of the mean: the level is wrong by more once in two thousand times. */
const ERROR_DEVIATIONS = 3.5;

/** How many of the newest values are held against those before. */
const PIECES = [2, 3, 4, 6, 8, 12, 16, 24, 32];

export function startLevel(value: number): Level {
  return { values: [value], noise: FIRST_NOISE, learned: FIRST_LEARNED };
}

/** The level with one value more, and whether it has changed (V2). `value` is at least 0. */
export function addValue(level: Level, value: number): { readonly level: Level; readonly changed: boolean } {
  const learned = Math.min(NOISE_MEMORY, level.learned + 1);
  const noise = learnNoise(level, value, learned);
  const values = [...level.values, value].slice(-FULL_WINDOW);
  const kept = sinceChange(values, noise);
  return { level: { values: kept, noise, learned }, changed: kept.length < values.length };
}

export function meanOf({ values }: Level): number {
  return mean(values);
}

/** How far from the mean the true level may be, in the unit of the values. */
export function errorOf({ values, noise }: Level): number {
  return (ERROR_DEVIATIONS * noise * mean(values)) / Math.sqrt(values.length);
}

export function isFull({ values }: Level): boolean {
  return values.length === FULL_WINDOW;
}

/** V3. */
function learnNoise({ values, noise }: Level, value: number, learned: number): number {
  const before = values.at(-1) ?? value;
  const middle = (before + value) / 2;
  const difference = middle === 0 ? 0 : Math.min(MOST_DIFFERENCE, Math.abs(value - before) / middle);
  return Math.max(LEAST_NOISE, noise + (difference / MEAN_DIFFERENCE - noise) / learned);
}

/** V2: the values since the clearest change, or all. */
function sinceChange(values: readonly number[], noise: number): readonly number[] {
  let kept = values;
  let clearest = 0;
  for (const piece of PIECES) {
    const before = values.length - piece;
    if (before < 1) break;
    const [old, recent] = [mean(values.slice(0, before)), mean(values.slice(before))];
    const deviation = Math.sqrt(1 / piece + 1 / before);
    const explained = Math.max(LEAST_CHANGE, CHANGE_DEVIATIONS * noise * deviation) * Math.max(old, recent);
    const contrast = Math.abs(recent - old) / deviation;
    if (Math.abs(recent - old) <= explained || contrast <= clearest) continue;
    clearest = contrast;
    kept = values.slice(before);
  }
  return kept;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
