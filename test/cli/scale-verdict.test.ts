import { expect, test } from 'vitest';
import { judgeScaling } from '../../src/cli/scale-verdict.ts';
import type { ScaleRecord } from '../../src/control/views.ts';

function change(from: number, to: number, outcome: ScaleRecord['outcome'] = 'done'): ScaleRecord {
  return { number: 1, at: '', stage: 2, from, to, reason: '', outcome, ...(outcome === 'refused' ? { why: 'no room' } : {}) };
}

test.each([
  ['up and down', [change(1, 7), change(7, 1)], true, 'Stage 2 had 1 -> 7 -> 1 tasks.'],
  ['up, up and a bit down', [change(1, 3), change(3, 7), change(7, 5)], true, 'Stage 2 had 1 -> 3 -> 7 -> 5 tasks.'],
  ['only up', [change(1, 7)], false, 'Stage 2 had 1 -> 7 tasks.'],
  ['down and up', [change(7, 1), change(1, 7)], false, 'Stage 2 had 7 -> 1 -> 7 tasks.'],
  ['refused', [change(1, 7, 'refused')], false, 'Refused: no room'],
  ['nothing', [], false, 'The number of tasks was to go up and down again, and has not.'],
])('%s', (_, scaled, isUpAndDown, text) => {
  const verdict = judgeScaling(scaled);
  expect(verdict.isUpAndDown).toBe(isUpAndDown);
  expect(verdict.text).toContain(text);
});
