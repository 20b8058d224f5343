import type { CommandWords, Flag, Value } from './completion-words.ts';

/** Also for the bash 3.2 of macOS, which knows neither mapfile nor compopt. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# Completion for bash. For this shell: source <(rainstorm completion bash). For all: write it to
# ~/.local/share/bash-completion/completions/rainstorm.
_rainstorm() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= flags= i
  COMPREPLY=()
  # bash takes --format=csv for three words.
  if [ "$word" = = ]; then word=; elif [ "$before" = = ]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in -*) ;; *) command=\${COMP_WORDS[i]}; break ;; esac
  done
  case $command in
    '') _rainstorm_words '${[...commands.flatMap(({ names }) => names), '--help', '--version'].join(' ')}'; return ;;
${commands.map(commandCase).join('\n')}
    *) return ;;
  esac
}

_rainstorm_words() {
  COMPREPLY=($(compgen -W "$1" -- "$word"))
}

_rainstorm_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2> /dev/null
  COMPREPLY=($(compgen -f -- "$word"))
}

complete -F _rainstorm rainstorm
`;
}

function commandCase({ names, flags, argument }: CommandWords): string {
  const ofFlags = flags.flatMap((flag) => (flag.value === undefined ? [] : [`        ${flag.names.join('|')}) ${offer(flag.value)}; return ;;`]));
  return `    ${names.join('|')})
      case $before in
${[...ofFlags, '        *) ;;'].join('\n')}
      esac
      case $word in
        -*) _rainstorm_words '${flags.flatMap((flag: Flag) => flag.names).join(' ')}' ;;
        *) ${offer(argument)} ;;
      esac ;;`;
}

function offer(value: Value): string {
  if (value.kind === 'words') return `_rainstorm_words '${value.words.join(' ')}'`;
  return value.kind === 'path' ? '_rainstorm_paths' : ':';
}
