/** The arguments of our operators, read the same way by the plan and by the operators' own executables. */
import { RainstormError } from '../base/errors.ts';
import { parseRegexArgument } from './regex-argument.ts';
import type { RegexArgument } from './regex-argument.ts';

export { expandRange, parseColumnList, parseColumnReference, parseColumnSelectors, parseKeyArgument, parseSumArgument } from './column-argument.ts';
export type { ColumnReference, ColumnSelector } from './column-argument.ts';
export { parseRegexArgument, parseReplaceArgument } from './regex-argument.ts';
export type { RegexArgument, ReplaceArgument } from './regex-argument.ts';

/** Which tuples `filter` keeps. */
export type FilterArgument =
  /** Those with a character that is no white space. */
  | { readonly kind: 'not-blank' }
  /** Those that contain this text, which is not empty. */
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'regex' } & RegexArgument);

/** What `flatmap` cuts a tuple at. */
export type SeparatorArgument =
  /** White space; no empty pieces. */
  | { readonly kind: 'words' }
  /** This text, which is not empty. */
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'regex' } & RegexArgument);

/** Reads `filter`'s argument: text, or a regex where it begins with a slash. Throws OPERATOR_ARGUMENT. */
export function parseFilterArgument(text: string | undefined): FilterArgument {
  if (text === undefined) return { kind: 'not-blank' };
  if (text === '') {
    throw new RainstormError('OPERATOR_ARGUMENT', 'an empty text is in every tuple', {
      hint: 'Give a text or a /regex/, or leave the argument away to keep the lines that are not blank.',
    });
  }
  return parseTextOrRegex(text);
}

/** Reads `flatmap`'s argument: a separator, or a regex where it begins with a slash. Throws OPERATOR_ARGUMENT. */
export function parseSeparatorArgument(text: string | undefined): SeparatorArgument {
  if (text === undefined) return { kind: 'words' };
  if (text === '') {
    throw new RainstormError('OPERATOR_ARGUMENT', 'the separator is empty', {
      hint: 'Give a text or a /regex/, or leave the argument away to cut at white space.',
    });
  }
  // A lone slash is what paths are cut at, and no regex could be meant.
  return text === '/' ? { kind: 'text', text } : parseTextOrRegex(text);
}

function parseTextOrRegex(text: string): Exclude<FilterArgument, { kind: 'not-blank' }> {
  return text.startsWith('/') ? { kind: 'regex', ...parseRegexArgument(text) } : { kind: 'text', text };
}
