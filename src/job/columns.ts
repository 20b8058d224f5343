import { parse } from 'csv-parse/sync';
import { RainstormError } from '../base/errors.ts';
import type { OutputColumns } from './operator-catalog.ts';
import type { ColumnReference, ColumnSelector } from './column-argument.ts';
import type { Format, KeySpec } from './stage-spec.ts';
import { nearestName } from './suggest.ts';

/** What is known of the columns at a place of the pipeline. */
export type Columns =
  | { readonly kind: 'known'; readonly names: readonly string[] }
  /** `why` completes "the column names are not known: …". `count`: how many there are, where at least that is known. */
  | { readonly kind: 'unknown'; readonly why: string; readonly count?: number };

/** Names shown in a message before the rest is only counted: a header can have thousands. */
const MAX_LISTED_NAMES = 20;

/**
 * Reads a header row, without its newline, as CSV. A byte order mark and a trailing CR are no part of a name.
 * Throws SOURCE_FORMAT for a quote that is not closed, unless the format is lines, in which it is a character like any other.
 */
export function parseHeaderRow(row: Buffer, format: Format): string[] {
  const text = row.toString('utf8').replace(/\r$/, '');
  // A carriage return inside the row would else be guessed to be what separates records.
  const options = { bom: true, relax_quotes: true, relax_column_count: true, record_delimiter: '\n' };
  try {
    return parse(text, options)[0] ?? [''];
  } catch (error) {
    if (format === 'lines') return parse(text, { ...options, quote: null })[0] ?? [''];
    throw new RainstormError('SOURCE_FORMAT', 'the header row is no CSV record', { hint: 'Check its quotes, or give --format lines.', cause: error });
  }
}

/** The 1-based number of a column. Throws UNKNOWN_COLUMN when it is not there, or its name is not known or not unique. */
export function resolveColumn(reference: ColumnReference, columns: Columns): number {
  if (reference.kind === 'header') return resolveName(reference.name, columns);
  if (columns.kind === 'known' && reference.column > columns.names.length) {
    throw new RainstormError('UNKNOWN_COLUMN', `there is no column ${reference.column}: the header has ${counted(columns.names.length)}`, {
      hint: listNames(columns.names),
    });
  }
  if (columns.kind === 'unknown' && columns.count !== undefined && reference.column > columns.count) {
    throw new RainstormError('UNKNOWN_COLUMN', `there is no column ${reference.column}: the first record has ${counted(columns.count)}`, {
      hint: 'Columns are counted from 1. Where records differ in width, --format lines takes them as they come.',
    });
  }
  return reference.column;
}

function resolveName(name: string, columns: Columns): number {
  if (columns.kind === 'unknown') {
    throw new RainstormError('UNKNOWN_COLUMN', `which column is "${name}"? The column names are not known: ${columns.why}`, {
      hint: 'Give the number of the column, counted from 1.',
    });
  }
  const { names } = columns;
  const index = names.indexOf(name);
  if (index === -1) {
    const nearest = nearestName(name, names.filter((candidate) => candidate !== ''));
    throw new RainstormError('UNKNOWN_COLUMN', `there is no column "${name}"`, {
      hint: `${nearest === undefined ? '' : `Did you mean "${nearest}"? `}${listNames(names)}`,
    });
  }
  const again = names.indexOf(name, index + 1);
  if (again !== -1) {
    throw new RainstormError('UNKNOWN_COLUMN', `"${name}" is the name of several columns: ${index + 1} and ${again + 1}${names.includes(name, again + 1) ? ' and more' : ''}`, {
      hint: 'Give the number of the one that is meant.',
    });
  }
  return index + 1;
}

/** What is known behind an operator. `stageLabel` names it, for the reason where nothing is. */
export function columnsBehind(output: OutputColumns, columns: Columns, stageLabel: string): Columns {
  if (output.kind === 'same') return columns;
  if (output.kind === 'unknown') return { kind: 'unknown', why: `${stageLabel} gives lines of its own` };
  if (output.kind === 'per-key') return { kind: 'known', names: [nameOfKey(output.key, columns), ...output.values] };
  if (columns.kind === 'unknown') return { ...columns, count: widthOf(output.selectors) };
  const { names } = columns;
  const kept = output.selectors.flatMap((selector) =>
    selector.kind === 'range' ? names.slice(selector.from - 1, selector.to) : [selector.name],
  );
  return { kind: 'known', names: kept };
}

function widthOf(selectors: readonly ColumnSelector[]): number {
  return selectors.reduce((width, selector) => width + (selector.kind === 'range' ? selector.to - selector.from + 1 : 1), 0);
}

function counted(columns: number): string {
  return columns === 1 ? 'one column' : `${columns} columns`;
}

function nameOfKey(key: KeySpec, columns: Columns): string {
  if (key.kind === 'line') return 'line';
  if (key.kind === 'header') return key.name;
  return columns.kind === 'known' ? (columns.names[key.column - 1] ?? 'key') : 'key';
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED_NAMES).map((name, index) => `${index + 1} "${name}"`);
  const more = names.length - shown.length;
  return `Columns are ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
