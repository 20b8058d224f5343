import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHAOS_KINDS, parseChaos } from '../../src/job/chaos-argument.ts';
import { failureOf } from '../connect/scratch.ts';

test.each([
  ['tasks:2s,workers:10s', [{ kind: 'tasks', periodMs: 2_000 }, { kind: 'workers', periodMs: 10_000 }]],
  [' leader : 0.5m , tasks:250ms ', [{ kind: 'leader', periodMs: 30_000 }, { kind: 'tasks', periodMs: 250 }]],
  ['tasks:1.25 s', [{ kind: 'tasks', periodMs: 1_250 }]],
])('%j', (text, rates) => {
  expect(parseChaos(text)).toEqual(rates);
});

describe('what cannot be understood is told, with what can', () => {
  test.each([
    ['', 'not said what'],
    ['tasks', '"tasks" does not say how often'],
    ['tasks:', '"" is no time'],
    ['tasks:2', '"2" is no time'],
    ['tasks:2h', '"2h" is no time'],
    ['tasks:-2s', '"-2s" is no time'],
    ['tasks:1e3s', '"1e3s" is no time'],
    ['tasks:2s,', '"" does not say how often'],
    ['tasks:2s,tasks:3s', 'says twice how often tasks'],
    ['tasks:0s', '0s is too short'],
    ['tasks:1ms', '1ms is too short'],
    ['workers:2000m', '2000m is too long'],
    ['servers:2s', '"servers" is nothing that can be killed'],
  ])('%j: %s', async (text, message) => {
    const error = await failureOf(() => parseChaos(text));
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message), hint: expect.stringMatching(/As in tasks:2s,workers:10s|at least/) });
  });

  test('the nearest name is offered', async () => {
    expect((await failureOf(() => parseChaos('worker:2s'))).hint).toMatch(/^Did you mean workers\?/);
  });
});

test('whatever is written so is read so', () => {
  const rate = fc.record({ kind: fc.constantFrom(...CHAOS_KINDS), ms: fc.integer({ min: 30, max: 1_000_000 }), unit: fc.constantFrom('ms', 's', 'm') });
  fc.assert(fc.property(fc.uniqueArray(rate, { selector: ({ kind }) => kind, minLength: 1 }), (rates) => {
    const unitMs = { ms: 1, s: 1_000, m: 60_000 };
    const text = rates.map(({ kind, ms, unit }) => `${kind}:${(ms / unitMs[unit as 's']).toFixed(9)}${unit}`).join(',');
    const read = parseChaos(text);
    expect(read.map(({ kind }) => kind)).toEqual(rates.map(({ kind }) => kind));
    for (const [index, { periodMs }] of read.entries()) expect(periodMs).toBeCloseTo(rates[index]?.ms ?? 0, 3);
  }));
});

test('anything else is a USAGE error, never another one', () => {
  fc.assert(fc.property(fc.string(), (text) => {
    try {
      expect(parseChaos(text).length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toMatchObject({ code: 'USAGE' });
    }
  }));
});
