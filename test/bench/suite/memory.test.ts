import { expect, test } from 'vitest';
import { memoryTable, processName } from '../../../bench/suite/memory.ts';

test.each([
  [['/usr/bin/node', '/clone/dist/src/cli/main.js', 'run', '--stages', 'identity', '--name', 'x', ''], 'run'],
  [['node', '--max-semi-space-size=4', '/clone/dist/src/cli/main.js', 'worker', '--leader', '-', '--name', 'w2', ''], 'worker w2'],
  [['/usr/bin/node', '/clone/dist/operators/running-aggregate.js', '--format', 'csv', '4', ''], 'operator running-aggregate'],
  [['/usr/bin/mawk', '-F,', '{ n[$1]++ }', ''], 'mawk'],
  [['grep', '-F', 'node', ''], 'grep'],
  [['node', '--version', ''], 'node'],
])('%j is told apart without paths', (argv, name) => {
  expect(processName(argv)).toBe(name);
});

test('the table has a row for each process of each case', () => {
  const peaks = [{ process: 'worker w1', bytes: 2 ** 27 }, { process: 'mawk', bytes: 1.5 * 2 ** 20 }];
  expect(memoryTable([{ name: 'd', peaks }])).toEqual([
    '| case | process | MiB resident at most |',
    '| --- | --- | --- |',
    '| d | worker w1 | 128.0 |',
    '| d | mawk | 1.5 |',
  ]);
});
