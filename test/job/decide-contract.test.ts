import { describe, expect, test } from 'vitest';
import { decideContract } from '../../src/job/decide-contract.ts';
import type { ProgramSpec } from '../../src/job/stage-spec.ts';
import { failureOf } from './failure.ts';

const OURS: ProgramSpec = { kind: 'operator', operator: 'filter' };
const ARGV: ProgramSpec = { kind: 'argv', argv: ['a'] };

function command(commandLine: string): ProgramSpec {
  return { kind: 'command', commandLine };
}

describe('the contract of a stage', () => {
  test('is snapshot for operators of ours and assumed to be replay for commands', () => {
    expect(decideContract(OURS, {})).toEqual({ contract: 'snapshot', declared: true });
    expect(decideContract(OURS, { contract: 'replay' })).toEqual({ contract: 'replay', declared: true });
    expect(decideContract(command('a | b'), {})).toEqual({ contract: 'replay', declared: false });
  });

  test('of a command is what is declared', () => {
    for (const contract of ['replay', 'restart', 'fold'] as const) {
      for (const program of [ARGV, command('a | b'), command('a > $b')]) expect(decideContract(program, { contract })).toEqual({ contract, declared: true });
    }
    expect(decideContract(ARGV, { contract: 'snapshot' })).toEqual({ contract: 'snapshot', declared: true });
    expect(decideContract(command('a b'), { contract: 'snapshot' })).toEqual({ contract: 'snapshot', declared: true });
  });

  test('is refused where it makes no sense', () => {
    expect(failureOf(() => decideContract(OURS, { contract: 'fold' }))).toContain('filter is an operator of ours, whose contract is snapshot, not fold');
    expect(failureOf(() => decideContract(command('a | b'), { contract: 'snapshot' }))).toContain('not of a pipe or of shell text');
    expect(failureOf(() => decideContract(command('a > $b'), { contract: 'snapshot' }))).toContain('not of a pipe or of shell text');
    expect(failureOf(() => decideContract(ARGV, { checkpointEvery: { kind: 'time', ms: 1000 } }))).toContain('checkpointEvery has no meaning');
    for (const contract of [undefined, 'replay'] as const) expect(failureOf(() => decideContract(ARGV, { contract, release: 'committed' }))).toContain('contract replay makes no checkpoints, which output would be held for');
  });
});
