/** What can be typed behind `rainstorm`, taken from the definitions of its commands: what the scripts for each shell are made of. */
import type { Command, Option } from 'commander';

/** What stands behind a flag, or alone: one of some words, a path, or what nobody can guess. */
export type Value = { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: 'path' } | { readonly kind: 'other' };

export interface Flag {
  /** `--format`, and `-s` where there is one. */
  readonly names: readonly string[];
  readonly description: string;
  /** Undefined where the flag stands alone. */
  readonly value: Value | undefined;
}

export interface CommandWords {
  readonly names: readonly string[];
  readonly description: string;
  readonly flags: readonly Flag[];
  /** Its first argument. */
  readonly argument: Value;
}

/** Names of values that are paths. */
const PATHS: ReadonlySet<string> = new Set(['file', 'folder', 'path', 'paths']);

const HELP: Flag = { names: ['--help', '-h'], description: 'say what there is', value: undefined };

export function completionWords(program: Command): CommandWords[] {
  return program.commands.map((command) => {
    const [argument] = command.registeredArguments;
    return {
      names: [command.name(), ...command.aliases()],
      description: command.description(),
      flags: [...command.options.filter(({ hidden }) => !hidden).map(toFlag), HELP],
      argument: argument === undefined ? { kind: 'other' } : valueOf(argument.name(), argument.argChoices),
    };
  });
}

function toFlag(option: Option): Flag {
  const name = /[<[]([\w:=-]+)(?:\.{3})?[>\]]$/.exec(option.flags)?.[1];
  return {
    names: [option.long, option.short].filter((one) => one !== undefined && one !== null),
    description: option.description,
    value: name === undefined ? undefined : valueOf(name, option.argChoices),
  };
}

function valueOf(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return { kind: PATHS.has(name) ? 'path' : 'other' };
}
