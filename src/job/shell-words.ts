/** A word of a command line. */
export interface Word {
  readonly value: string;
  /** As `value`, but with each quoted character replaced, so that no pattern below takes it for a special one. */
  readonly bare: string;
}

const RESERVED_WORDS = new Set([
  '!', '[[', ']]', '{', '}', 'case', 'coproc', 'do', 'done', 'elif', 'else', 'esac', 'fi', 'for', 'function', 'if', 'in', 'select',
  'then', 'time', 'until', 'while',
]);

/** Bash's builtins of which there is no executable, or only one that cannot do the same. */
const BUILTINS = new Set([
  '.', ':', 'alias', 'bg', 'bind', 'break', 'builtin', 'caller', 'cd', 'command', 'compgen', 'complete', 'compopt', 'continue',
  'declare', 'dirs', 'disown', 'enable', 'eval', 'exec', 'exit', 'export', 'fc', 'fg', 'getopts', 'hash', 'help', 'history', 'jobs',
  'let', 'local', 'logout', 'mapfile', 'popd', 'pushd', 'read', 'readarray', 'readonly', 'return', 'set', 'shift', 'shopt', 'source',
  'suspend', 'times', 'trap', 'type', 'typeset', 'ulimit', 'umask', 'unalias', 'unset', 'wait',
]);

/** Whether bash would do more with one simple command, free of operators and expansions, than start its words. */
export function needsShell(words: readonly Word[]): boolean {
  const first = words[0];
  if (first === undefined) return false;
  return RESERVED_WORDS.has(first.bare) || isAssignment(first) || BUILTINS.has(first.value) || words.some(isExpanded);
}

function isAssignment(word: Word): boolean {
  return /^[A-Za-z_]\w*\+?=/.test(word.bare);
}

function isExpanded(word: Word): boolean {
  return word.bare.startsWith('#')
    // Bash expands ~ at the start, and in what looks like an assignment also behind = and :.
    || /(^|[=:])~/.test(word.bare)
    || /\{.*(,|\.\.).*\}/s.test(word.bare);
}
