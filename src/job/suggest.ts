import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate a misspelt name was most likely meant to be, or undefined when none is near: letters' case aside, a name that
 * it begins, or one that differs in about a third of its letters.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.trim().toLowerCase();
  if (wanted === '' || candidates.length === 0) return undefined;
  const byLowerCase = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]));
  const near = closest(wanted, [...byLowerCase.keys()]);
  if (distance(wanted, near) <= Math.max(1, Math.round(wanted.length / 3))) return byLowerCase.get(near);
  const longer = [...byLowerCase.keys()].find((candidate) => wanted.length >= 3 && candidate.startsWith(wanted));
  return longer === undefined ? undefined : byLowerCase.get(longer);
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}

/** Cuts a text for use in a message at `length` characters. */
export function shorten(text: string, length = 80): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** `text` in the kind of quotes that it does not contain; as it is when it has both kinds, which then protect what is in them. */
export function inQuotes(text: string): string {
  if (text.includes('"') && text.includes("'")) return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
