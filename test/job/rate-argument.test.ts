import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRate } from '../../src/job/rate-argument.ts';
import { isRateSchedule, MAX_RATE_STEPS } from '../../src/job/rate-schedule.ts';
import { failureOf } from './failure.ts';

test.each([
  ['1000', [[0, 1000]]],
  [' 0.5 ', [[0, 0.5]]],
  ['1e3', [[0, 1000]]],
  ['100,20s:1000,40s:100', [[0, 100], [20_000, 1000], [40_000, 100]]],
  [' 1 , 1.5 s : 2.5 , 2MIN:3,1h:4', [[0, 1], [1_500, 2.5], [120_000, 3], [3_600_000, 4]]],
  ['0,250ms:7', [[0, 0], [250, 7]]],
  ['5,1s:0,2s:5', [[0, 5], [1_000, 0], [2_000, 5]]],
])('%j', (text, steps) => {
  expect(parseRate(text).map(({ fromMs, tuplesPerSecond }) => [fromMs, tuplesPerSecond])).toEqual(steps);
});

describe('what cannot be understood is told, with what can', () => {
  const as = /\n> As --rate takes it: 1000 tuples a second, or 100,20s:1000,40s:100/;
  const inUnits = /\n> A time since the start is given in ms, s, min or h/;
  test.each([
    [' ', 'it is not said how many tuples a second', as],
    ['0', '"0" is no number of tuples per second above 0', as],
    ['-5', '"-5" is no number of tuples per second above 0', as],
    ['many', '"many" is no number of tuples per second above 0', as],
    ['Infinity', '"Infinity" is no number of tuples per second above 0', as],
    ['100,20s:-1', '"-1" is no number of tuples per second', as],
    ['100,20s:', '"" is no number of tuples per second', as],
    [',20s:100', '"" is no number of tuples per second', as],
    ['100,20s:3:4', '"3:4" is no number of tuples per second', as],
    ['20s:100', '"20s:100" is the first step, which holds from the start and has no time', /\n> Write 100 for it, or 0,20s:100 to wait until then\./],
    ['1,000', '"000" does not say from when on', /written without commas/],
    ['100,', '"" does not say from when on', as],
    ['100,20:5', '"20" is no time', inUnits],
    ['100,20m:5', '"20m" is no time', inUnits],
    ['100,-1s:5', '"-1s" is no time', inUnits],
    ['100,:5', '"" is no time', inUnits],
    ['100,1000h:5', '1000h is too late', /\n> It is 720h at most\./],
    ['100,0s:5', '"0s:5" is not later than the step before it, which holds from the start', /\n> Times count from the start,/],
    ['100,20s:5,20s:6', '"20s:6" is not later than the step before it, which holds from 20 s on', /\n> Times count/],
    ['100,20s:0', '"20s:0" is a pause that would never end', /\n> The last step is above 0/],
    [`1${',1s:1'.repeat(MAX_RATE_STEPS)}`, `the rate has ${MAX_RATE_STEPS + 1} steps`, /\n> It may have 1000\./],
  ])('%j: %s', (text, message, hint) => {
    const failure = failureOf(() => parseRate(text));
    expect(failure).toContain(`USAGE ${message}`);
    expect(failure).toMatch(hint);
  });
});

test('whatever is written so is read so', () => {
  const step = fc.record({ gapMs: fc.integer({ min: 1, max: 1_000_000 }), tuplesPerSecond: fc.double({ min: 0, max: 1e6, noNaN: true }), unit: fc.constantFrom('ms', 's', 'min', 'h') });
  fc.assert(fc.property(fc.array(step, { maxLength: 20 }), fc.double({ min: 0.001, max: 1e6, noNaN: true }), (steps, last) => {
    const unitMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };
    const meant = [...steps, { gapMs: 1, tuplesPerSecond: last, unit: 's' }].map((one, index, all) => ({ ...one, fromMs: all.slice(1, index + 1).reduce((sum, { gapMs }) => sum + gapMs, 0) }));
    const text = meant.map(({ fromMs, tuplesPerSecond, unit }, index) => `${index === 0 ? '' : `${(fromMs / unitMs[unit as 's']).toFixed(9)}${unit}:`}${tuplesPerSecond}`).join(',');
    const read = parseRate(text);
    expect(read).toEqual(meant.map(({ fromMs, tuplesPerSecond }) => ({ fromMs, tuplesPerSecond })));
    expect(isRateSchedule(read)).toBe(true);
  }));
});

test('anything else is a USAGE error, never another one', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0123456789.,:smhin -e'.split('')) });
  fc.assert(fc.property(fc.oneof(fc.string(), near), (text) => {
    try {
      expect(isRateSchedule(parseRate(text))).toBe(true);
    } catch (error) {
      expect(error).toMatchObject({ code: 'USAGE', hint: expect.any(String) });
    }
  }), { numRuns: 1_000 });
});
