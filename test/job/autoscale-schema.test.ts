import { describe, expect, test } from 'vitest';
import { parseJobFile } from '../../src/job/job-file.ts';
import { failureOf } from './failure.ts';

const parse = (text: string) => parseJobFile(text, 'x.yaml');
const stage = (settings: string) => parse(`stages:\n  - { command: cat, autoscale: ${settings} }`).stages?.[0]?.autoscale;
const failure = (text: string) => failureOf(() => parse(text));

describe('autoscaling in a job file', () => {
  test.each([
    ['auto', { kind: 'auto' }],
    ['{}', { kind: 'auto' }],
    ['{ lw: 50, hw: 200.5 }', { kind: 'thresholds', lw: 50, hw: 200.5 }],
    ['{ lowBusy: 0.4, highBusy: 0.7 }', { kind: 'auto', busy: { low: 0.4, high: 0.7 } }],
  ])('of the job: %s', (text, policy) => expect(parse(`autoscale: ${text}`).autoscale).toEqual(policy));

  test('of a stage: within limits, at another pace, by other marks, or not at all', () => {
    expect(stage('{ min: 2, max: 8, cooldown: 30s }')).toEqual({ min: 2, max: 8, cooldownMs: 30_000 });
    expect(stage('{ lw: 0, hw: 10 }')).toEqual({ policy: { kind: 'thresholds', lw: 0, hw: 10 } });
    expect(stage('{ lowBusy: 0, highBusy: 1 }')).toEqual({ policy: { kind: 'auto', busy: { low: 0, high: 1 } } });
    expect(stage('off')).toEqual({ off: true });
    expect(stage('{}')).toEqual({});
  });
});

describe('what makes no sense is refused', () => {
  test.each([
    ['autoscale: on', 'x.yaml:1:12: autoscale is "on"; it must be auto, or keys and values, as in { lw: 50, hw: 200 }'],
    ['autoscale: true', 'x.yaml:1:12: autoscale is true; it must be auto, or keys and values, as in { lw: 50, hw: 200 }'],
    ['autoscale: { lw: 50 }', 'x.yaml:1:12: autoscale: lw is given without hw'],
    ['autoscale: { lw: 200, hw: 50 }', 'x.yaml:1:12: autoscale: lw 200 is not below hw 50'],
    ['autoscale: { lw: 50, hw: 200, lowBusy: 0.2, highBusy: 0.5 }', 'x.yaml:1:12: autoscale: a stage is judged by the tuples that a task takes or by how busy it is, not by both\n  Give lw and hw, or lowBusy and highBusy.'],
    ['autoscale: { lowBusy: 0.5 }', 'x.yaml:1:12: autoscale: lowBusy is given without highBusy'],
    ['autoscale: { lowBusy: 0.5, highBusy: 0.5 }', 'x.yaml:1:12: autoscale: lowBusy 0.5 is not below highBusy 0.5'],
    ['autoscale: { lowBusy: 50, highBusy: 80 }', 'x.yaml:1:23: autoscale.lowBusy is 50; it must be a share of the time, from 0 to 1'],
    ['autoscale: { lw: many, hw: 1 }', 'x.yaml:1:18: autoscale.lw is "many"; it must be a number of tuples a second'],
    ['autoscale: { max: 3 }', 'x.yaml:1:14: autoscale.max: there is no such key\n  Allowed: highBusy, hw, lowBusy, lw'],
  ])('of the job: %s', (text, message) => expect(failure(text)).toContain(`JOB_FILE ${message}`));

  test.each([
    ['{ min: 5, max: 3 }', 'stages[0].autoscale.min: min 5 is above max 3'],
    ['{ max: 257 }', 'stages[0].autoscale.max is 257; it must be a whole number from 1 to 256'],
    ['{ cooldown: 10 }', 'stages[0].autoscale.cooldown is 10; it must be a duration such as 10s'],
    ['{ cooldown: soon }', 'stages[0].autoscale.cooldown: "soon" is no duration\n  Give a duration such as 10s or 2min'],
    ['{ cooldown: 25h }', 'stages[0].autoscale.cooldown: "25h" is more than 24h'],
    ['{ cooldwon: 10s }', 'stages[0].autoscale.cooldwon: there is no such key; did you mean cooldown?'],
    ['auto', 'stages[0].autoscale is "auto"; it must be off, or keys and values, as in { min: 2, max: 8 }'],
  ])('of a stage: %s', (text, message) => expect(failure(`stages:\n  - { command: cat, autoscale: ${text} }`)).toContain(message));
});
