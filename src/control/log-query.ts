/** What may be asked of a task's log: that it goes on, only some of its lines, only the last of those. */
import { RainstormError, messageOf } from '../base/errors.ts';

export interface LogQuery {
  /** Go on until the job ends. */
  readonly follow?: boolean | undefined;
  /** Only lines in which this regular expression, JavaScript's, matches. */
  readonly grep?: string | undefined;
  /** Only so many lines, the last. */
  readonly tail?: number | undefined;
}

/** More than anybody reads; who wants all leaves `tail` away. */
export const MAX_TAIL_LINES = 10_000;

/** Longer ones are no search that somebody has typed. */
const MAX_GREP_CHARACTERS = 1_000;

/** Throws USAGE. */
export function parseLogQuery(query: Readonly<Record<string, string>>): LogQuery {
  const { follow, grep, tail } = query;
  if (grep !== undefined) compileGrep(grep);
  return { follow: follow === '1', ...(grep === undefined || grep === '' ? {} : { grep }), ...(tail === undefined ? {} : { tail: parseTail(tail) }) };
}

/** As it stands behind a route; empty for all there is. */
export function formatLogQuery({ follow, grep, tail }: LogQuery): string {
  const query = new URLSearchParams({ ...(follow === true ? { follow: '1' } : {}), ...(grep === undefined ? {} : { grep }), ...(tail === undefined ? {} : { tail: String(tail) }) });
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** Throws USAGE. */
export function compileGrep(text: string): RegExp {
  if (text.length > MAX_GREP_CHARACTERS) throw new RainstormError('USAGE', `grep has ${text.length} characters; up to ${MAX_GREP_CHARACTERS} are taken`);
  try {
    return new RegExp(text);
  } catch (cause) {
    const reason = messageOf(cause).replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
    throw new RainstormError('USAGE', `${text} is no regular expression: ${reason}`, {
      hint: 'Regular expressions are JavaScript\'s. A special character that is meant literally is escaped, as in \\( or \\*.',
      cause,
    });
  }
}

function parseTail(text: string): number {
  const lines = Number(text);
  if (/^\d{1,9}$/.test(text) && lines >= 1 && lines <= MAX_TAIL_LINES) return lines;
  throw new RainstormError('USAGE', `tail=${text} is no number of lines`, { hint: `Ask for 1 to ${MAX_TAIL_LINES}.` });
}
