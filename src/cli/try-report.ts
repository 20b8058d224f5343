/** A tried pipeline as text: its columns side by side where the terminal is wide enough, else one under the other. */
import type { Column, Row } from './try-columns.ts';
import { cut, fit, widthOf, wrap } from './cells.ts';

export type Style = (format: 'bold' | 'dim' | 'red' | 'cyan', text: string) => string;

/** Side by side, narrower columns would show too little of each line. */
const MIN_COLUMN_WIDTH = 24;

const SEPARATOR = ' │ ';
const INDENT = '  ';

/** Of a row; the rest is the key that it has for the next stage. */
const MAX_PLACE_WIDTH = 28;

/** A line of a column: how it is to look, when it has its width. */
interface Line {
  readonly text: string;
  readonly format?: 'bold' | 'dim' | 'red' | undefined;
  readonly place?: string | undefined;
}

/** Each line ends with a newline. `width`: of the terminal, in columns. */
export function formatColumns(columns: readonly Column[], width: number, style: Style): string {
  const widths = chooseWidths(columns.map(naturalWidth), width - SEPARATOR.length * (columns.length - 1));
  const lines = widths === undefined ? stacked(columns, width, style) : sideBySide(columns, widths, style);
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** All as wide as they would like to be, or the widest ones cut to the same; undefined where that is too narrow. */
function chooseWidths(natural: readonly number[], room: number): number[] | undefined {
  const total = (most: number) => natural.reduce((sum, one) => sum + Math.min(one, most), 0);
  let most = Math.max(...natural);
  if (total(most) <= room) return [...natural];
  while (most > 0 && total(most) > room) most -= 1;
  return most < MIN_COLUMN_WIDTH ? undefined : natural.map((one) => Math.min(one, most));
}

function naturalWidth({ title, facts, header, rows, notes, stderr }: Column): number {
  const texts = [title, header ?? '', ...facts];
  // Notes and messages are sentences, which are put on several lines as well.
  const sentences = [...notes, ...stderr].map((line) => Math.min(widthOf(line), MIN_COLUMN_WIDTH * 2));
  const placeWidth = placeWidthOf(rows, Infinity);
  return Math.max(1, ...texts.map(widthOf), ...sentences, ...rows.map(({ text }) => widthOf(text) + placeWidth));
}

/** With the gap before it; 0 where no row has a place. */
function placeWidthOf(rows: readonly Row[], width: number): number {
  const widest = Math.max(0, ...rows.map(({ place }) => (place === undefined ? 0 : widthOf(place))));
  return widest === 0 ? 0 : Math.min(widest, MAX_PLACE_WIDTH, Math.floor(width / 2)) + INDENT.length;
}

function sideBySide(columns: readonly Column[], widths: readonly number[], style: Style): string[] {
  const heads = columns.map((column, index) => headOf(column, widths[index] ?? 0));
  const bodies = columns.map((column, index) => bodyOf(column, widths[index] ?? 0));
  const placeWidths = columns.map(({ rows }, index) => placeWidthOf(rows, widths[index] ?? 0));
  const joined = (parts: readonly (readonly Line[])[]) => Array.from({ length: Math.max(...parts.map((lines) => lines.length)) }, (_, row) => parts
    .map((lines, index) => formatLine(lines[row], widths[index] ?? 0, placeWidths[index] ?? 0, style)).join(style('dim', SEPARATOR)));
  const rule = style('dim', widths.map((width) => '─'.repeat(width)).join('─┼─'));
  return [...joined(heads), rule, ...joined(bodies)];
}

function stacked(columns: readonly Column[], width: number, style: Style): string[] {
  const inner = width - INDENT.length;
  return columns.flatMap((column, index) => {
    const [title, ...facts] = headOf(column, width);
    const placeWidth = placeWidthOf(column.rows, inner);
    return [
      ...(index === 0 ? [] : ['']),
      formatLine(title, width, 0, style),
      ...facts.map((line) => formatLine(line, width, 0, style)),
      ...bodyOf(column, inner).map((line) => INDENT + formatLine(line, inner, placeWidth, style)),
    ];
  });
}

function headOf({ title, facts, failed }: Column, width: number): Line[] {
  return [{ text: title, format: failed ? 'red' : 'bold' }, ...facts.flatMap((fact) => wrap(fact, width)).map((text) => ({ text, format: 'dim' as const }))];
}

function bodyOf({ header, rows, notes, stderr, failed }: Column, width: number): Line[] {
  const sentence = (format: Line['format']) => (text: string) => wrap(text, width).map((line) => ({ text: line, format }));
  return [
    ...(header === undefined ? [] : [{ text: header, format: 'dim' as const }]),
    ...rows,
    ...notes.flatMap(sentence(failed ? 'red' : 'dim')),
    ...(stderr.length === 0 ? [] : [{ text: 'stderr:', format: 'dim' as const }]),
    ...stderr.flatMap(sentence(undefined)),
  ];
}

/** What has no room for a place of its own is cut before the place is. */
function formatLine(line: Line | undefined, width: number, placeWidth: number, style: Style): string {
  if (line === undefined) return ' '.repeat(width);
  const { text, format, place } = line;
  if (place === undefined) {
    const fitted = fit(text, width);
    return format === undefined ? fitted : style(format, fitted);
  }
  const room = placeWidth - INDENT.length;
  return fit(text, width - placeWidth) + INDENT + style('cyan', fit(cutPlace(place, room), room));
}

/** Of `a long key → 2-1` the key is cut. */
function cutPlace(place: string, width: number): string {
  const arrow = place.lastIndexOf('→ ');
  const task = place.slice(arrow);
  if (arrow <= 0 || widthOf(place) <= width) return cut(place, width);
  return `${cut(place.slice(0, arrow - 1), width - widthOf(task) - 1)} ${task}`;
}
