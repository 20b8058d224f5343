import { describe, expect, test } from 'vitest';
import { chooseAutoscale } from '../../src/launch/autoscale-flags.ts';
import type { ScalePolicy } from '../../src/job/scale-policy.ts';
import { failureOf } from '../cli/harness.ts';

const MARKS = { lw: 50, hw: 200 };
const BY_MARKS: ScalePolicy = { kind: 'thresholds', ...MARKS };
const BY_BUSY: ScalePolicy = { kind: 'auto', busy: { low: 0.4, high: 0.7 } };
const AUTO: ScalePolicy = { kind: 'auto' };

describe('how a job is scaled', () => {
  test.each([
    ['not at all, unless somebody says so', {}, undefined, undefined],
    ['by how busy tasks are', { autoscale: true }, undefined, { policy: AUTO, dryRun: false }],
    ['by how busy tasks are, in so many words', { autoscale: 'auto' }, undefined, { policy: AUTO, dryRun: false }],
    ['by marks, where they are given', { autoscale: true, ...MARKS }, undefined, { policy: BY_MARKS, dryRun: false }],
    ['by marks, in so many words', { autoscale: 'watermarks', ...MARKS }, undefined, { policy: BY_MARKS, dryRun: false }],
    ['as the file says', {}, BY_BUSY, { policy: BY_BUSY, dryRun: false }],
    ['as the file says, which the flag only repeats', { autoscale: 'auto' }, BY_BUSY, { policy: BY_BUSY, dryRun: false }],
    ['as the file says, by its marks', { autoscale: 'watermarks' }, BY_MARKS, { policy: BY_MARKS, dryRun: false }],
    ['by other marks than the file\'s', { lw: 1, hw: 2 }, BY_MARKS, { policy: { kind: 'thresholds', lw: 1, hw: 2 }, dryRun: false }],
    ['otherwise than the file says', { autoscale: 'auto' }, BY_MARKS, { policy: AUTO, dryRun: false }],
    ['not at all, whatever the file says', { autoscale: 'off' }, BY_MARKS, undefined],
    ['in words only', { autoscaleDryRun: true }, undefined, { policy: AUTO, dryRun: true }],
    ['in words only, as the file says', { autoscaleDryRun: true }, BY_MARKS, { policy: BY_MARKS, dryRun: true }],
  ] as const)('%s', (_, flags, file, expected) => expect(chooseAutoscale(flags, file)).toEqual(expected));

  test.each([
    [{ autoscale: true, autoscaleDryRun: true }, '--autoscale does what --autoscale-dry-run would only say'],
    [{ autoscale: 'auto', ...MARKS }, '--lw and --hw mean nothing with --autoscale auto'],
    [{ autoscale: 'off', lw: 50 }, '--lw and --hw mean nothing with --autoscale off'],
    [{ autoscale: 'watermarks' }, '--autoscale watermarks is given without --lw and --hw'],
    [{ autoscale: true, hw: 50 }, '--hw is given without --lw'],
    [MARKS, '--lw and --hw are for --autoscale or --autoscale-dry-run, neither of which is given'],
  ] as const)('%j is refused', async (flags, message) => {
    expect(await failureOf(async () => chooseAutoscale(flags, undefined))).toContain(`USAGE ${message}\n`);
  });
});
