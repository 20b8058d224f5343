/** A table in so many columns of a terminal: those of its columns that matter least are left out where they have no room. */
import { cut, fit, visible, widthOf } from '../cells.ts';

export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'inverse';
export type Style = (format: Format, text: string) => string;

export interface TableColumn<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly format?: (row: Row) => Format | undefined;
  readonly align?: 'right';
  /** 1 is the last to be left out. */
  readonly rank: number;
  /** Numbers change each second, and columns are to stand still meanwhile. */
  readonly minWidth?: number;
  readonly maxWidth?: number;
  /** How far it may be cut to make room for others. */
  readonly leastWidth?: number;
}

export interface TableRow<Row> {
  readonly row: Row;
  readonly selected: boolean;
}

const GAP = '  ';
const MARK = '> ';
const NO_MARK = '  ';
const DEFAULT_MAX_WIDTH = 40;

/** The title row and then the others, `rows` of them to be shown. `all`: those by which columns get their widths. */
export function tableLines<Row>(columns: readonly TableColumn<Row>[], all: readonly Row[], rows: readonly TableRow<Row>[], width: number, style: Style): string[] {
  const chosen = chooseColumns(columns, all, width - MARK.length);
  const title = NO_MARK + chosen.map(({ column, columnWidth }) => fit(column.title, columnWidth, column.align)).join(GAP);
  return [style('bold', fit(title, width)), ...rows.map(({ row, selected }) => {
    const cells = chosen.map(({ column, columnWidth }) => {
      const text = fit(visible(column.text(row)), columnWidth, column.align);
      const format = selected ? undefined : column.format?.(row);
      return format === undefined ? text : style(format, text);
    });
    const line = (selected ? MARK : NO_MARK) + cells.join(GAP);
    return selected ? style('inverse', fit(line, width)) : line;
  })];
}

interface Chosen<Row> {
  readonly column: TableColumn<Row>;
  readonly columnWidth: number;
}

/** The most important ones that fit, in their order on the screen; the first is cut where not even that does. */
function chooseColumns<Row>(columns: readonly TableColumn<Row>[], all: readonly Row[], width: number): Chosen<Row>[] {
  const measured = columns.map((column) => ({ column, natural: naturalWidth(column, all) }));
  const least = ({ column, natural }: (typeof measured)[number]) => Math.min(natural, column.leastWidth ?? natural);
  const chosen = new Set<(typeof measured)[number]>();
  let room = width + GAP.length;
  for (const one of measured.toSorted((a, b) => a.column.rank - b.column.rank)) {
    const taken = GAP.length + least(one);
    if (taken > room) continue;
    room -= taken;
    chosen.add(one);
  }
  const [first] = measured;
  if (chosen.size === 0 && first !== undefined) return [{ column: first.column, columnWidth: Math.max(1, width) }];
  // What is left goes to those that were made narrow.
  return measured.filter((one) => chosen.has(one)).map((one) => {
    const more = Math.min(room, one.natural - least(one));
    room -= more;
    return { column: one.column, columnWidth: least(one) + more };
  });
}

function naturalWidth<Row>({ title, text, minWidth = 0, maxWidth = DEFAULT_MAX_WIDTH }: TableColumn<Row>, all: readonly Row[]): number {
  const widest = all.reduce((most, row) => Math.max(most, widthOf(cut(visible(text(row)), maxWidth))), widthOf(title));
  return Math.max(minWidth, Math.min(widest, maxWidth));
}

/** Where a list of `count` begins on the screen, so that the selected row is in the middle of `room` rows, if it can be. */
export function firstShown(count: number, selected: number, room: number): number {
  return Math.max(0, Math.min(selected - Math.floor(room / 2), count - room));
}
