/**
 * What each stage would be given if none held up another. Method: DS2 (see autoscale), section 3.2: the source's wanted rate
 * times the selectivities of all stages before; beyond it, what a stage that cannot grow lets through.
 */
import type { StageSample } from './stage-sample.ts';

/** What the demand of the others follows from. */
export interface StageAbility {
  /** Tuples out for each one in; undefined while nobody knows. */
  readonly selectivity: number | undefined;
  /** The most that it can take with the most tasks it may get, in tuples/s; Infinity while nobody knows. */
  readonly mostTuplesPerSecond: number;
}

/** A source whose wish nobody knows, and which is held back all the time, is taken to want so many times what it gets. */
const UNKNOWN_WISH = 2;

/** What the source would hand on if nothing held it back, in tuples/s. */
export function wantedRate({ wantedTuplesPerSecond, outTuplesPerSecond, blockedShare }: StageSample): number {
  return wantedTuplesPerSecond ?? outTuplesPerSecond * (1 + blockedShare * (UNKNOWN_WISH - 1));
}

/**
 * The demand of each stage in tuples/s, undefined behind one whose selectivity is not known. Where a stage cannot take its own
 * demand with all the tasks it may have, all others need no more than what gets through it.
 * `stages`: without the source, in their order.
 */
export function demands(wantedTuplesPerSecond: number, stages: readonly StageAbility[]): (number | undefined)[] {
  const free: (number | undefined)[] = [];
  let demand: number | undefined = wantedTuplesPerSecond;
  for (const { selectivity } of stages) {
    free.push(demand);
    demand = demand === undefined || selectivity === undefined ? undefined : demand * selectivity;
  }
  const through = stages.map(({ mostTuplesPerSecond }, index) => {
    const own = free[index];
    return own === undefined || own === 0 ? 1 : Math.min(1, mostTuplesPerSecond / own);
  });
  // Its own limit is not counted: a stage that is at it should be seen to want more.
  return free.map((own, index) => (own === undefined ? undefined : own * Math.min(1, ...through.filter((_, other) => other !== index))));
}
