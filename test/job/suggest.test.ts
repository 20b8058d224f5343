import { expect, test } from 'vitest';
import { nearestName } from '../../src/job/suggest.ts';

const names = ['identity', 'filter', 'running-aggregate', 'aggregate', 'sum', 'outputHeader'];

test.each([
  ['fitler', 'filter'], ['Filter', 'filter'], ['agg', 'aggregate'], ['agregate', 'aggregate'], ['Sum', 'sum'], ['output-header', 'outputHeader'],
])('%s is near %s', (name, near) => expect(nearestName(name, names)).toBe(near));

test.each(['', 'grep', 'sort', 'cat', 'sed', 'xyz'])('%j is near none', (name) => expect(nearestName(name, names)).toBe(undefined));

test('there may be no names at all', () => expect(nearestName('x', [])).toBe(undefined));
