import { RainstormError } from '../base/errors.ts';
import { parseCommandLine } from './command-line.ts';
import type { Contract, ContractSettings } from './contract.ts';
import { OPERATOR_CONTRACT } from './operator-catalog.ts';
import type { ProgramSpec } from './stage-spec.ts';

/**
 * What a stage of this program may promise. Throws CONTRACT for what makes no sense. Gives the declaration, which is assumed
 * to be `replay` where there is none.
 */
export function decideContract(program: ProgramSpec, { contract, checkpointEvery, release }: ContractSettings): { readonly contract: Contract; readonly declared: boolean } {
  if (program.kind === 'operator') {
    if (contract !== undefined && contract !== OPERATOR_CONTRACT && contract !== 'replay') {
      throw new RainstormError('CONTRACT', `${program.operator} is an operator of ours, whose contract is ${OPERATOR_CONTRACT}, not ${contract}`, { hint: 'Leave contract away.' });
    }
  } else if (contract === 'snapshot' && !isOneProgram(program)) {
    throw new RainstormError('CONTRACT', 'a snapshot is of one program that speaks the control protocol, not of a pipe or of shell text', {
      hint: 'Make each program a stage of its own, or declare replay, restart or fold.',
    });
  }
  const decided = contract ?? (program.kind === 'operator' ? OPERATOR_CONTRACT : 'replay');
  if (decided === 'replay' && checkpointEvery !== undefined) {
    throw new RainstormError('CONTRACT', 'a stage with the contract replay makes no checkpoints, so checkpointEvery has no meaning', {
      hint: 'Declare contract: restart for a stateless program, fold for one that can read its own output, or leave checkpointEvery away.',
    });
  }
  if (decided === 'replay' && release === 'committed') {
    throw new RainstormError('CONTRACT', 'a stage with the contract replay makes no checkpoints, which output would be held for with release: committed', {
      hint: 'Declare contract: restart for a program to which each tuple is a matter of its own, fold or snapshot; or leave release away for a deterministic one.',
    });
  }
  return { contract: decided, declared: contract !== undefined || program.kind === 'operator' };
}

function isOneProgram(program: Exclude<ProgramSpec, { kind: 'operator' }>): boolean {
  if (program.kind === 'argv') return true;
  const parsed = parseCommandLine(program.commandLine);
  return parsed.kind === 'chain' && parsed.commands.length === 1;
}
