import { describe, expect, test } from 'vitest';
import { widthOf } from '../../src/cli/cells.ts';
import type { Column } from '../../src/cli/try-columns.ts';
import { formatColumns } from '../../src/cli/try-report.ts';

const plain = (_: string, text: string) => text;

function column(overrides: Partial<Column>): Column {
  return { title: 'source in.csv', facts: ['2 read'], rows: [], notes: [], stderr: [], failed: false, ...overrides };
}

const COLUMNS: readonly Column[] = [
  column({ rows: [{ text: 'a,水,1' }, { text: 'b,y,2' }] }),
  column({ title: '1 filter=a', facts: ['2 in, 1 out'], rows: [{ text: 'a,水,1', place: '水 → 2-1' }] }),
  column({ title: '2 aggregate=2', facts: ['1 in, 1 out', '3 tasks, by column 2'], rows: [{ text: '水,1' }], stderr: ['said this'] }),
];

test('side by side, where there is room', () => {
  expect(formatColumns(COLUMNS, 100, plain)).toBe(
    `source in.csv │ 1 filter=a       │ 2 aggregate=2
2 read        │ 2 in, 1 out      │ 1 in, 1 out
              │                  │ 3 tasks, by column 2
──────────────┼──────────────────┼─────────────────────
a,水,1        │ a,水,1  水 → 2-1 │ 水,1
b,y,2         │                  │ stderr:
              │                  │ said this
`);
});

test('one under the other, where there is none', () => {
  expect(formatColumns(COLUMNS, 40, plain)).toBe(
    `source in.csv
2 read
  a,水,1
  b,y,2

1 filter=a
2 in, 1 out
  a,水,1                        水 → 2-1

2 aggregate=2
1 in, 1 out
3 tasks, by column 2
  水,1
  stderr:
  said this
`);
});

describe.each([30, 60, 80, 120, 200])('at a width of %d', (width) => {
  const long = 'x,水'.repeat(200);
  const wide = COLUMNS.map((one) => ({ ...one, title: `${one.title} ${long}`, rows: [{ text: long, place: `${long} → 2-1` }], notes: [long], stderr: [long], header: long }));

  test('no line is wider, however long the cells', () => {
    for (const line of formatColumns(wide, width, plain).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test('of a long key and a long tuple the task is still to be seen', () => {
    expect(formatColumns(wide, width, plain)).toMatch(/… → 2-1/);
  });
});
