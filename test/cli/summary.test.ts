import { expect, test } from 'vitest';
import { skippedLine } from '../../src/cli/summary.ts';
import { viewOf } from './harness.ts';

test('tuples that were left out are counted, and their folder named', () => {
  expect(skippedLine(viewOf('a'))).toBe(undefined);
  expect(skippedLine(viewOf('a', { skippedTuples: 1 }))).toBe('rainstorm: 1 tuple skipped, of which an operator died each time; see deadletter');
  expect(skippedLine(viewOf('a', { skippedTuples: 1200 }))).toContain('1,200 tuples skipped');
});
