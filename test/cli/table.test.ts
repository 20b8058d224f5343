import { expect, test } from 'vitest';
import { formatTable } from '../../src/cli/table.ts';

test('columns stand under their headers, numbers to the right, and no line ends in spaces', () => {
  expect(formatTable(['TASK', 'PID', 'IN/s', 'LOG'], [['1-0', 12, 1200, 'a.log'], ['10-12', undefined, 7, 'b']])).toBe([
    'TASK   PID  IN/s  LOG',
    '1-0     12  1200  a.log',
    '10-12    -     7  b',
    '',
  ].join('\n'));
});

test('a column of dashes alone is no column of numbers', () => {
  expect(formatTable(['PID', 'X'], [[undefined, 'x']])).toBe('PID  X\n-    x\n');
});

test('letters beyond ASCII count as one each, and control characters cannot move the cursor', () => {
  expect(formatTable(['A', 'B'], [['Bär😀', 'x'], ['\u001B[2J\n', 'y']])).toBe('A      B\nBär😀   x\n [2J   y\n');
});

test('without rows the headers remain', () => {
  expect(formatTable(['A', 'B'], [])).toBe('A  B\n');
});
