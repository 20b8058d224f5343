export type Cell = string | number | undefined;

const GAP = '  ';
const NOTHING = '-';

/**
 * Aligned columns under their headers, two spaces between them, a newline behind each line. Columns of numbers stand to the
 * right. An undefined cell is a dash. Control characters, which could move the cursor, are shown as spaces.
 */
export function formatTable(headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = headers.map((_, column) => isNumeric(rows.map((row) => row[column])));
  const lines = [headers, ...rows].map((row) => headers.map((_, column) => text(row[column])));
  const widths = headers.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  return lines.map((line) => `${line.map((cell, column) => pad(cell, widths[column] ?? 0, numeric[column] ?? false)).join(GAP).trimEnd()}\n`).join('');
}

function isNumeric(cells: readonly Cell[]): boolean {
  return cells.some((cell) => typeof cell === 'number') && cells.every((cell) => typeof cell !== 'string');
}

function text(cell: Cell): string {
  return cell === undefined ? NOTHING : String(cell).replaceAll(/\p{Cc}/gu, ' ');
}

function pad(cell: string, columnWidth: number, right: boolean): string {
  const space = ' '.repeat(columnWidth - width(cell));
  return right ? space + cell : cell + space;
}

function width(cell: string): number {
  return Array.from(cell).length;
}
