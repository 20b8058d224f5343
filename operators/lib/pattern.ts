import type { RegexArgument } from '../../src/job/operator-arguments.ts';

/**
 * The regular expression, with `extraFlags`, to be used on text from `TupleText`. A character is a whole one, never half of
 * a surrogate pair, so that a match cannot cut one in two: that is the flag `u`, which the few patterns that are an error
 * with it (`\-`, a lone `{`) do without.
 */
export function compilePattern({ source, flags }: RegexArgument, extraFlags = ''): RegExp {
  const unicode = /[uv]/.test(flags) || !isValid(source, `${flags}u`) ? '' : 'u';
  return new RegExp(source, flags + unicode + extraFlags);
}

function isValid(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).flags !== '';
  } catch {
    return false;
  }
}
