import { RainstormError, messageOf } from '../base/errors.ts';

/** A JavaScript regular expression as two strings: `new RegExp(source, flags)` is known to work. */
export interface RegexArgument {
  readonly source: string;
  /** Of `i m s u v`. Never `g` or `y`, whose memory between calls would make a match depend on the tuple before. */
  readonly flags: string;
}

/** What `replace` does to each match. */
export interface ReplaceArgument extends RegexArgument {
  /** In the syntax of `String.prototype.replace`: `$&`, `$01` … `$09`, `$$`. */
  readonly replacement: string;
}

const FLAGS = /^[gimsuv]*$/;

/** The offset of the first slash at or after `from` that no backslash escapes, or -1. */
export function indexOfUnescapedSlash(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '/') return i;
  }
  return -1;
}

/**
 * Reads `/regex/flags`; a slash inside the regex is written `\/`. Flags are JavaScript's `i m s u v`; `g` is accepted and
 * changes nothing. Throws OPERATOR_ARGUMENT.
 */
export function parseRegexArgument(text: string): RegexArgument {
  const end = text.startsWith('/') ? indexOfUnescapedSlash(text, 1) : -1;
  if (end === -1) {
    throw new RainstormError('OPERATOR_ARGUMENT', `${text} has no closing slash`, {
      hint: 'A regular expression is written /regex/ or /regex/flags, as in /stop|yield/i. A slash inside it is written \\/.',
    });
  }
  return checkRegex(text.slice(1, end), text.slice(end + 1));
}

/**
 * Reads `/regex/text/flags` as sed's s command does: in the text `&` is the match, `\1` … `\9` its groups, `\t` a tab, and a
 * backslash before any other punctuation stands for that character. All matches are replaced, with or without `g`.
 * Throws OPERATOR_ARGUMENT; also for a newline in the text, since a tuple stays one record.
 */
export function parseReplaceArgument(text: string): ReplaceArgument {
  const middle = text.startsWith('/') ? indexOfUnescapedSlash(text, 1) : -1;
  const end = middle === -1 ? -1 : indexOfUnescapedSlash(text, middle + 1);
  if (end === -1) {
    throw new RainstormError('OPERATOR_ARGUMENT', `${text || 'an empty argument'} is not of the form /regex/text/`, {
      hint: 'Three slashes are needed, as in /colour/color/ or /(\\d+) km/\\1 kilometres/i. A slash of the text itself is written \\/.',
    });
  }
  const regex = checkRegex(text.slice(1, middle), text.slice(end + 1));
  return { ...regex, replacement: toReplacement(text.slice(middle + 1, end), countGroups(regex)) };
}

function checkRegex(source: string, flags: string): RegexArgument {
  if (!FLAGS.test(flags)) {
    throw new RainstormError('OPERATOR_ARGUMENT', `"${flags}" behind the closing slash is no set of flags`, {
      hint: 'Flags are i, m, s, u and v, as in JavaScript. If the text has slashes of its own, write them \\/.',
    });
  }
  if (new Set(flags).size < flags.length || (flags.includes('u') && flags.includes('v'))) {
    throw new RainstormError('OPERATOR_ARGUMENT', `the flags "${flags}" do not go together`, {
      hint: 'Each flag is given once, and of u and v only one.',
    });
  }
  if (source === '') {
    throw new RainstormError('OPERATOR_ARGUMENT', 'the regular expression between the slashes is empty', {
      hint: 'Write one, as in /stop/i. One that matches everything is /^/.',
    });
  }
  try {
    const regex = new RegExp(source, flags.replaceAll('g', ''));
    return { source, flags: regex.flags };
  } catch (error) {
    const reason = messageOf(error).replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
    throw new RainstormError('OPERATOR_ARGUMENT', `/${source}/${flags} is no regular expression: ${reason}`, {
      hint: 'Regular expressions are JavaScript\'s. A special character that is meant literally is escaped, as in \\( or \\*.',
      cause: error,
    });
  }
}

function countGroups(regex: RegexArgument): number {
  // With an empty alternative the expression matches the empty string, and the match has an entry for each group.
  return (new RegExp(`${regex.source}|`, regex.flags).exec('')?.length ?? 1) - 1;
}

function toReplacement(text: string, groups: number): string {
  if (text.includes('\n')) throw newlineRefused();
  return text.replace(/\\([^])|\\$|[&$]/g, (part, escaped: string | undefined) => {
    if (part === '&') return '$&';
    if (part === '$') return '$$';
    if (escaped === undefined) {
      throw new RainstormError('OPERATOR_ARGUMENT', 'the text ends in a lone backslash', { hint: 'A backslash is written \\\\.' });
    }
    if (/[1-9]/.test(escaped)) return toGroup(Number(escaped), groups);
    if (escaped === 't') return '\t';
    if (escaped === 'n') throw newlineRefused();
    if (/[0-9A-Za-z]/.test(escaped)) {
      throw new RainstormError('OPERATOR_ARGUMENT', `\\${escaped} has no meaning in the text`, {
        hint: 'There are \\1 to \\9 for groups, & for the whole match, \\t for a tab, \\& \\/ \\\\ for the characters themselves.',
      });
    }
    return escaped === '$' ? '$$' : escaped;
  });
}

function toGroup(group: number, groups: number): string {
  if (group > groups) {
    const there = groups === 0 ? 'no group' : groups === 1 ? 'one group' : `${groups} groups`;
    throw new RainstormError('OPERATOR_ARGUMENT', `\\${group} in the text, but the regular expression has ${there}`, {
      hint: 'A group is made by parentheses, as in /(\\d+) km/\\1 kilometres/. The whole match is &.',
    });
  }
  // Two digits, so that a literal digit behind it is not taken for a part of the number.
  return `$0${group}`;
}

function newlineRefused(): RainstormError {
  return new RainstormError('OPERATOR_ARGUMENT', 'the text holds a newline', {
    hint: 'A tuple stays one record here. To make several of one, use flatmap.',
  });
}
