import { describe, expect, test } from 'vitest';
import { conclude } from '../../src/check/contracts.ts';
import { CHECKS, type CheckName, type Finding } from '../../src/check/finding.ts';

/** Findings of which all are `yes` but these. */
function findings(others: Partial<Record<CheckName, Partial<Finding>>>): Finding[] {
  return CHECKS.map((check) => ({ check, verdict: 'yes', why: '', ...others[check] }));
}

const no = { verdict: 'no' } as const;
const unknown = { verdict: 'unknown' } as const;

describe('contracts', () => {
  test.each([
    ['everything', {}, ['replay', 'restart', 'fold']],
    ['state', { stateless: no }, ['replay', 'fold']],
    ['state that cannot be read back', { stateless: no, foldable: no }, ['replay']],
    ['an early end', { 'reads-all-input': no }, ['replay', 'fold']],
    ['another output each time', { deterministic: no }, []],
    ['nothing known', { deterministic: unknown }, []],
    ['nothing known of its state', { stateless: unknown, foldable: unknown }, ['replay']],
  ] as const)('%s', (_, others, contracts) => {
    expect(conclude(findings(others), false).contracts).toEqual(contracts);
  });

  test('a fold that loses digits of numbers is none, unless a sample says that there are no such numbers', () => {
    const lossy = findings({ stateless: no, 'fold-fractions': no });
    expect(conclude(lossy, false)).toMatchObject({ contracts: ['replay'], cautions: [] });
    expect(conclude(lossy, true)).toMatchObject({ contracts: ['replay', 'fold'], cautions: [expect.stringContaining('fractional')] });
  });
});

describe('the advice', () => {
  test('is restart where that holds, and fold only for what prints at the end of its input', () => {
    expect(conclude(findings({}), false).advice).toBe('restart');
    expect(conclude(findings({ stateless: no, 'prints-at-once': { verdict: 'no', prints: 'at the end' } }), false).advice).toBe('fold');
    expect(conclude(findings({ stateless: no, 'prints-at-once': { verdict: 'yes', prints: 'at once' } }), false).advice).toBe('replay');
    expect(conclude(findings({ stateless: no, 'prints-at-once': { verdict: 'no', prints: 'in blocks' } }), false).advice).toBe('replay');
    expect(conclude(findings({ deterministic: no }), false).advice).toBeUndefined();
  });
});
