import { expect, test } from 'vitest';
import { newScaleLines } from '../../src/cli/scale-lines.ts';
import type { ScaleRecord } from '../../src/control/views.ts';

const UP: ScaleRecord = { number: 1, at: '', stage: 2, from: 1, to: 4, reason: '412/s per task > HW 200', outcome: 'begun' };

test('a change is told when it is decided, and again where it is refused', () => {
  expect(newScaleLines([], [UP])).toEqual(['SCALE stage 2: 1 -> 4, 412/s per task > HW 200']);
  expect(newScaleLines([UP], [{ ...UP, outcome: 'done' }])).toEqual([]);
  const refused: ScaleRecord = { ...UP, outcome: 'refused', why: 'it cannot be' };
  expect(newScaleLines([UP], [refused])).toEqual(['stage 2 keeps 1 task, instead of 4: it cannot be']);
  expect(newScaleLines([refused], [refused, { ...UP, number: 2 }])).toEqual(['SCALE stage 2: 1 -> 4, 412/s per task > HW 200']);
  expect(newScaleLines([], [refused])).toHaveLength(2);
});
