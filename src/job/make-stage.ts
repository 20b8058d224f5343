import { RainstormError } from '../base/errors.ts';
import { parseCommandLine } from './command-line.ts';
import type { ContractSettings } from './contract.ts';
import { decideContract } from './decide-contract.ts';
import { readOperator } from './operator-catalog.ts';
import type { KeySpec, ProgramSpec, StageSpec } from './stage-spec.ts';
import type { StageAutoscale } from './scale-policy.ts';
import type { TroubleSettings } from './trouble-settings.ts';

/** The most tasks of one stage: each is a process of its own. */
export const MAX_TASKS = 256;

/** What a stage may say besides its program; what is left away has its default. */
export interface StageSettings extends ContractSettings, TroubleSettings {
  readonly name?: string | undefined;
  readonly key?: KeySpec | undefined;
  readonly tasks?: number | undefined;
  readonly okExit?: readonly number[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly autoscale?: StageAutoscale | undefined;
}

/** Checks the program and fills in the defaults. Throws UNKNOWN_OPERATOR, OPERATOR_ARGUMENT, STAGE_SYNTAX for a bad command line, CONTRACT, or USAGE. */
export function makeStage(program: ProgramSpec, settings: StageSettings = {}): StageSpec {
  if (program.kind === 'operator') readOperator(program.operator, program.argument);
  decideContract(program, settings);
  checkStall(program, settings);
  return {
    name: settings.name ?? programName(program),
    program,
    key: settings.key,
    tasks: settings.tasks ?? 1,
    okExit: settings.okExit ?? [],
    env: settings.env ?? {},
    cwd: settings.cwd,
    contract: settings.contract,
    checkpointEvery: settings.checkpointEvery,
    release: settings.release,
    maxRestarts: settings.maxRestarts,
    stallTimeoutMs: settings.stallTimeoutMs,
    onStall: settings.onStall,
    onPoison: settings.onPoison,
    autoscale: settings.autoscale,
  };
}

function checkStall(program: ProgramSpec, { stallTimeoutMs, onStall }: TroubleSettings): void {
  const isWatched = stallTimeoutMs === undefined ? program.kind === 'operator' : stallTimeoutMs > 0;
  if (onStall === undefined || isWatched) return;
  throw new RainstormError('USAGE', 'without a stallTimeout nobody looks whether it stands still, so onStall has no meaning', { hint: 'Give one, such as stallTimeout: 60s, or leave onStall away.' });
}

function programName(program: ProgramSpec): string {
  if (program.kind === 'operator') return program.operator;
  if (program.kind === 'argv') return baseName(program.argv[0] ?? '');
  const parsed = parseCommandLine(program.commandLine);
  if (parsed.kind === 'chain') return baseName(parsed.commands[0]?.[0] ?? '');
  // Past assignments and brackets, the first thing in shell text that looks like a command.
  return baseName(/(?:^|[\s;&|({])([\w./+-]+)(?![\w./+-]*=)/.exec(program.commandLine)?.[1] ?? '') || 'bash';
}

function baseName(path: string): string {
  return path.replace(/\/+$/, '').replace(/^.*\//s, '') || path;
}
