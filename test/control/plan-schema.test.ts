import { expect, test } from 'vitest';
import { rate } from '../../src/control/plan-schema.ts';
import { parseRate } from '../../src/job/rate-argument.ts';
import { MAX_RATE_STEPS } from '../../src/job/rate-schedule.ts';

test.each(['0.5', '100,20s:1000,40s:100', '0,20s:5', '1e300'])('the rate %s goes to a worker as JSON', (text) => {
  const steps = parseRate(text);
  expect(rate.parse(JSON.parse(JSON.stringify(steps)))).toEqual(steps);
});

test.each([
  ['a number', 100],
  ['no steps', []],
  ['a pause for ever', [{ fromMs: 0, tuplesPerSecond: 0 }]],
  ['less than none', [{ fromMs: 0, tuplesPerSecond: -1 }]],
  ['a late start', [{ fromMs: 1, tuplesPerSecond: 1 }]],
  ['a fraction of a millisecond', [{ fromMs: 0, tuplesPerSecond: 1 }, { fromMs: 0.5, tuplesPerSecond: 1 }]],
  ['too many steps', Array.from({ length: MAX_RATE_STEPS + 1 }, (_, fromMs) => ({ fromMs, tuplesPerSecond: 1 }))],
])('no rate of a plan: %s', (_, value) => {
  expect(rate.safeParse(value).success).toBe(false);
});
