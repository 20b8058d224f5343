import { describe, expect, test } from 'vitest';
import { describeExit, failureOf, isEarlyFailure, type MemberExit } from '../../src/task/exit-verdict.ts';

/** `3`, `SIGPIPE`, `1 of 0,1` (allowed statuses), or `spawn` for a process that could not be started. */
function exit(text: string): MemberExit {
  const [how = '', allowed = '0'] = text.split(' of ');
  const status = /^\d+$/.test(how) ? Number(how) : undefined;
  const signal = how.startsWith('SIG') ? how : undefined;
  return { command: text, status, signal, spawnError: how === 'spawn' ? 'ENOENT' : undefined, okStatuses: allowed.split(',').map(Number) };
}

describe('which process of a chain failed', () => {
  test.each<[string, string | undefined]>([
    ['0', undefined],
    ['0 | 0 | 0', undefined],
    ['1', '1'],
    ['1 of 0,1', undefined],
    ['2 of 0,1', '2 of 0,1'],
    ['0 | 3 | 0', '3'],
    ['SIGPIPE | 0', undefined],
    ['SIGPIPE | SIGPIPE | 0', undefined],
    ['SIGPIPE', 'SIGPIPE'],
    ['0 | SIGPIPE', 'SIGPIPE'],
    ['SIGPIPE | 4', '4'],
    ['SIGKILL | 0', 'SIGKILL'],
    ['0 | SIGTERM', 'SIGTERM'],
    ['0 | spawn | 0', 'spawn'],
    ['141 | 0', '141'],
  ])('%s: %s', (chain, failed) => {
    expect(failureOf(chain.split(' | ').map(exit))?.command).toBe(failed);
  });

  test('is the one that failed first, not one that was killed for it', () => {
    const killed = { ...exit('SIGKILL'), collateral: true };
    expect(failureOf([killed, exit('5'), killed])?.command).toBe('5');
    expect(failureOf([killed])?.signal).toBe('SIGKILL');
  });
});

test.each<[string, string | undefined]>([
  ['0', undefined],
  ['1 of 0,1', '1 of 0,1'],
  ['1 of 0,1 | 0', undefined],
])('an allowed status other than 0 counts only at the end of input: %s', (chain, failed) => {
  expect(isEarlyFailure(chain.split(' | ').map(exit))?.command).toBe(failed);
});

test('an exit is told in words', () => {
  expect(['3', 'SIGSEGV', 'spawn'].map((text) => describeExit(exit(text)))).toEqual(['exited with status 3', 'died of SIGSEGV', 'could not be started: ENOENT']);
  expect(describeExit({ ...exit('SIGKILL'), collateral: true })).toBe('was killed with the others');
});
