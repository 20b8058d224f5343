import { RainstormError } from '../base/errors.ts';
import type { KeySpec } from './stage-spec.ts';

/** A CSV column: by its 1-based number, or by its name in the header. */
export type ColumnReference = Exclude<KeySpec, { kind: 'line' }>;

/** One entry of a column list: a name, or the columns `from` to `to`, both included. */
export type ColumnSelector =
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'range'; readonly from: number; readonly to: number };

/** The highest column number, and the most columns of a list: far above real files, and a range can be written out in memory. */
const MAX_COLUMNS = 65_536;

/** Reads a key: a column number, `line`, or a header name. Throws OPERATOR_ARGUMENT. */
export function parseKeyArgument(text: string): KeySpec {
  return text === 'line' ? { kind: 'line' } : parseColumnReference(text);
}

/** Reads a column number or a header name; a name in double quotes is never taken for a number. Throws OPERATOR_ARGUMENT. */
export function parseColumnReference(text: string): ColumnReference {
  const name = unquote(text);
  if (name !== undefined) return { kind: 'header', name };
  if (/^-?\d+$/.test(text)) return { kind: 'column', column: parseColumnNumber(text) };
  if (text.trim() === '') {
    throw new RainstormError('OPERATOR_ARGUMENT', 'the column is empty', { hint: 'Give a column number from 1, or a header name.' });
  }
  return { kind: 'header', name: text };
}

/**
 * Reads a list such as `1-3,7,Name,"Name, with a comma"`. Unquoted names are trimmed; in double quotes a quote is written twice.
 * Throws OPERATOR_ARGUMENT.
 */
export function parseColumnSelectors(text: string): ColumnSelector[] {
  let columns = 0;
  return splitOutsideQuotes(text, ',').map((part) => {
    const selector = parseSelector(part.trim(), text);
    columns += selector.kind === 'range' ? selector.to - selector.from + 1 : 1;
    if (columns > MAX_COLUMNS) throw new RainstormError('OPERATOR_ARGUMENT', `${text} names more than ${MAX_COLUMNS} columns`);
    return selector;
  });
}

/** Reads a list of column numbers such as `1-3,7` into `[1, 2, 3, 7]`, in the order as written. Throws OPERATOR_ARGUMENT. */
export function parseColumnList(text: string): number[] {
  return parseColumnSelectors(text).flatMap((selector) => {
    if (selector.kind === 'range') return expandRange(selector);
    throw new RainstormError('OPERATOR_ARGUMENT', `"${selector.name}" is no column number`, {
      hint: 'Without a job there is no header to look names up in: give numbers, as in 1-3,7.',
    });
  });
}

export function expandRange(range: { readonly from: number; readonly to: number }): number[] {
  return Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i);
}

/** What `sum` adds up: VALUE per KEY. */
export interface SumArgument {
  readonly key: ColumnReference;
  readonly value: ColumnReference;
}

/** Reads `KEY/VALUE`; a name with a slash in it is put in double quotes. Throws OPERATOR_ARGUMENT. */
export function parseSumArgument(text: string): SumArgument {
  const [key, value, ...rest] = splitOutsideQuotes(text, '/');
  if (key === undefined || value === undefined || rest.length > 0 || key.trim() === '' || value.trim() === '') {
    throw new RainstormError('OPERATOR_ARGUMENT', `${text || 'an empty argument'} is not of the form KEY/VALUE`, {
      hint: 'Two columns are needed, as in 1/3 or Category/Price. A name with a slash in it is put in double quotes, inside single ones: \'"km/h"/3\'.',
    });
  }
  return { key: parseColumnReference(key.trim()), value: parseColumnReference(value.trim()) };
}

function parseSelector(part: string, whole: string): ColumnSelector {
  const name = unquote(part);
  if (name !== undefined) return { kind: 'header', name };
  if (part === '') {
    throw new RainstormError('OPERATOR_ARGUMENT', whole.trim() === '' ? 'the list of columns is empty' : `${whole} has an empty entry`, {
      hint: 'Give column numbers, ranges or header names, separated by commas, as in 1-3,7 or Name,Price.',
    });
  }
  const range = /^(\d+)-(\d+)$/.exec(part);
  if (range !== null) return parseRange(range[1] ?? '', range[2] ?? '');
  if (/^\d+$/.test(part)) {
    const column = parseColumnNumber(part);
    return { kind: 'range', from: column, to: column };
  }
  if (/^[\d\s-]+$/.test(part)) {
    throw new RainstormError('OPERATOR_ARGUMENT', `${part} is neither a column number nor a range`, {
      hint: 'A range has two ends, as in 3-7. A header name that looks like this is put in double quotes.',
    });
  }
  return { kind: 'header', name: part };
}

function parseRange(first: string, last: string): ColumnSelector {
  const from = parseColumnNumber(first);
  const to = parseColumnNumber(last);
  if (from > to) {
    throw new RainstormError('OPERATOR_ARGUMENT', `the range ${from}-${to} runs backwards`, {
      hint: `Write ${to}-${from}, or the columns one by one in the order wanted, as in ${from},${from - 1}.`,
    });
  }
  return { kind: 'range', from, to };
}

function parseColumnNumber(text: string): number {
  const column = Number(text);
  if (column >= 1 && column <= MAX_COLUMNS) return column;
  throw new RainstormError('OPERATOR_ARGUMENT', `${text} is no column number`, {
    hint: `Columns are numbered from 1 to at most ${MAX_COLUMNS}.`,
  });
}

/** The text inside double quotes, or undefined when `text` is not wholly in them. */
function unquote(text: string): string | undefined {
  return /^"(?:[^"]|"")*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : undefined;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = [''];
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (char === separator && !quoted) parts.push('');
    else parts[parts.length - 1] += char;
  }
  if (quoted) {
    throw new RainstormError('OPERATOR_ARGUMENT', `${text} has a double quote that is not closed`, {
      hint: 'A header name in double quotes ends with one; a quote inside it is written twice.',
    });
  }
  return parts;
}
