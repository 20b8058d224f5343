import { expect, test } from 'vitest';
import { formatChaos } from '../../src/cli/chaos-summary.ts';

test('shows every kill, and the recoveries in short', () => {
  expect(formatChaos({
    seed: 42,
    kills: [
      { kind: 'tasks', name: '2-0', atMs: 1_234, recoveryMs: 83.6 },
      { kind: 'workers', name: 'w1', atMs: 12_000, recoveryMs: 1_210 },
      { kind: 'leader', name: 'leader', atMs: 13_000, recoveryMs: undefined },
    ],
    medianMs: 646.8,
    maxMs: 1_210,
  })).toBe([
    'chaos with seed 42: 3 kills',
    'AT       KILLED     RECOVERED IN',
    '1.23 s   task 2-0   84 ms',
    '12.00 s  worker w1  1210 ms',
    '13.00 s  leader     the job ended before',
    'recovery: median 647 ms, longest 1210 ms',
    '',
  ].join('\n'));
});

test('a run without a kill has no table', () => {
  expect(formatChaos({ seed: 1, kills: [], medianMs: undefined, maxMs: undefined })).toBe('chaos with seed 1: 0 kills\n');
});
