import type { Kernel } from './kernel.ts';

/** Columns as the kernel takes them. */
export interface ColumnChoice {
  /** Numbered from 1, in the order in which they are written. */
  readonly columns: Uint32Array;
  readonly last: number;
  /** How often that column is there which is there most often. */
  readonly repeats: number;
}

/** Numbered from 1, at least one of them. */
export function chooseColumns(columns: readonly number[]): ColumnChoice {
  const counts = new Map<number, number>();
  for (const column of columns) counts.set(column, (counts.get(column) ?? 0) + 1);
  return { columns: Uint32Array.from(columns), last: Math.max(...columns), repeats: Math.max(...counts.values()) };
}

/** Whether the kernel has room for so many columns, and for as many fields as come before the last of them. */
export function canTakeColumns(kernel: Kernel, { columns, last }: ColumnChoice): boolean {
  return columns.length <= kernel.areas.MAX_COLUMNS && last <= kernel.areas.MAX_COLUMN_NUMBER;
}
