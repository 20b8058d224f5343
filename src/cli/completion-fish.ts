import type { CommandWords, Flag, Value } from './completion-words.ts';

export function fishCompletion(commands: readonly CommandWords[]): string {
  return `# Completion for fish. For this shell: rainstorm completion fish | source. For all: write it to
# ~/.config/fish/completions/rainstorm.fish.
complete -c rainstorm -f
${commands.flatMap(commandLines).join('\n')}
`;
}

function commandLines({ names, description, flags, argument }: CommandWords): string[] {
  const within = `complete -c rainstorm -n '__fish_seen_subcommand_from ${names.join(' ')}'`;
  // Of an argument there is no option to belong to.
  const words = argument.kind === 'other' ? [] : [`${within} ${value(argument).replace(/^-[rx] /, '')}`];
  return [
    ...names.map((name) => `complete -c rainstorm -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`),
    ...flags.map((flag) => `${within} ${flagNames(flag)} -d ${quoted(flag.description)}${flag.value === undefined ? '' : ` ${value(flag.value)}`}`),
    ...words,
  ];
}

function flagNames({ names }: Flag): string {
  return names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
}

function value(of: Value): string {
  if (of.kind === 'words') return `-x -a ${quoted(of.words.join(' '))}`;
  return of.kind === 'path' ? '-r -F' : '-x';
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}
