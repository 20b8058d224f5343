import { expect, test } from 'vitest';
import { decide, type AutoscaleState } from '../../src/autoscale/autoscale.ts';
import type { Decision } from '../../src/autoscale/decision.ts';
import { notDone } from '../../src/autoscale/carried-out.ts';
import type { StageSample } from '../../src/autoscale/stage-sample.ts';

/** A stage that takes half of what it is wanted to, with no time left. */
const SAMPLES: readonly StageSample[] = [
  { stage: 0, tasks: 1, inTuplesPerSecond: 500, outTuplesPerSecond: 500, backlogBytes: 0, busyShare: 0, blockedShare: 0.5, settled: true, wantedTuplesPerSecond: 1000 },
  { stage: 1, tasks: 1, inTuplesPerSecond: 500, outTuplesPerSecond: 500, backlogBytes: 1000, busyShare: 1, blockedShare: 0, settled: true },
];

/** All that is decided in half an hour in which nothing changes. */
function decided(after: (state: AutoscaleState, decisions: readonly Decision[]) => AutoscaleState): Decision[] {
  const all: Decision[] = [];
  let state: AutoscaleState | undefined;
  for (let second = 0; second < 1800; second++) {
    const outcome = decide(state, SAMPLES, second * 1000, { policy: { kind: 'auto' } });
    all.push(...outcome.decisions);
    state = after(outcome.state, outcome.decisions);
  }
  return all;
}

test('tasks that were never added are not said to have brought nothing', () => {
  const told = decided(notDone);
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(told.map(({ kind, from, to }) => `${kind} ${from} ${to}`))).toEqual(new Set(['scale 1 3']));
  // Where they had been added, that is what it would look like.
  expect(decided((state) => state).some(({ kind }) => kind === 'hold')).toBe(true);
});
