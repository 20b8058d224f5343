import type { CommandWords, Flag, Value } from './completion-words.ts';

export function zshCompletion(commands: readonly CommandWords[]): string {
  return `#compdef rainstorm
# Completion for zsh. For this shell: source <(rainstorm completion zsh). For all: write it to a file _rainstorm in a folder of
# $fpath.
_rainstorm() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.flatMap(({ names, description }) => names.map((name) => `      ${quoted(`${name}:${description}`)}`)).join('\n')}
    )
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${commands.map(commandCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _rainstorm ]]; then _rainstorm "$@"; else compdef _rainstorm rainstorm; fi
`;
}

function commandCase({ names, flags, argument }: CommandWords): string {
  const specs = [...flags.flatMap(flagSpecs), quoted(`*:argument:${action(argument)}`)];
  return `    ${names.join('|')})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
}

function flagSpecs({ names, description, value }: Flag): string[] {
  const told = description.replaceAll(/[[\]\\:]/g, (character) => `\\${character}`);
  return names.map((name) => quoted(`*${name}[${told}]${value === undefined ? '' : `:value:${action(value)}`}`));
}

function action(value: Value): string {
  if (value.kind === 'words') return `(${value.words.join(' ')})`;
  return value.kind === 'path' ? '_files' : ' ';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
