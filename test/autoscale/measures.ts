import type { Played } from './play.ts';
import type { Scenario } from './scenario.ts';

export interface Measures {
  /** From each step of the load to the last action before the next one; 0 where there was none. */
  readonly settlingSeconds: readonly number[];
  /** Actions on the stage that had the most, for each step of the load. */
  readonly actionsPerStep: readonly number[];
  /** By how much the tasks exceeded those of the ideal at their most, as a share, for each step of the load. */
  readonly overshoot: readonly number[];
  readonly actions: number;
  /** Share of the time in which input piled up outside, and in which some stage had no time left. */
  readonly grewShare: number;
  readonly saturatedShare: number;
  /** Task-seconds, and those of the ideal. */
  readonly taskSeconds: number;
  readonly idealTaskSeconds: number;
}

/** How busy the tasks of the ideal are, which at every second has as many as it then needs. */
const IDEAL_BUSY_SHARE = 0.7;

export function measure(scenario: Scenario, { actions, tasks, grew, saturated }: Played): Measures {
  const { tuples, steps } = scenario.load;
  const ideal = tuples.map((rate) => idealTasks(scenario, rate));
  const spans = steps.map((from, index) => [from, steps[index + 1] ?? tuples.length] as const);
  const within = ([from, to]: readonly [number, number]) => actions.filter(({ second }) => second > from && second <= to);
  return {
    settlingSeconds: spans.map((span) => (within(span).at(-1)?.second ?? span[0]) - span[0]),
    actionsPerStep: spans.map((span) => Math.max(...scenario.shape.stages.map((_, index) => within(span).filter(({ stage }) => stage === index + 1).length))),
    overshoot: spans.map(([from, to]) => Math.max(0, largest(tasks.slice(from, to).map(sum)) / Math.max(...[from, to - 1].map((second) => sum(at(tasks, second))), largest(ideal.slice(from, to))) - 1)),
    actions: actions.length,
    grewShare: share(grew),
    saturatedShare: share(saturated),
    taskSeconds: sum(tasks.map(sum)),
    idealTaskSeconds: sum(ideal),
  };
}

function idealTasks({ shape }: Scenario, rate: number): number {
  let demand = rate;
  let total = 0;
  for (const { capacity, selectivity } of shape.stages) {
    total += Math.max(1, Math.ceil(demand / (capacity * IDEAL_BUSY_SHARE)));
    demand *= selectivity;
  }
  return total;
}

export function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function largest(values: readonly number[]): number {
  return Math.max(...values);
}

function share(values: readonly boolean[]): number {
  return values.filter(Boolean).length / values.length;
}

function at(tasks: readonly (readonly number[])[], second: number): readonly number[] {
  return tasks[second] ?? [];
}
