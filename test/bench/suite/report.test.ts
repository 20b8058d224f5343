import { expect, test } from 'vitest';
import { markdown, type Report } from '../../../bench/suite/report.ts';

const REPORT: Report = { machine: 'M', rows: 10, rounds: 1, results: [] };
const LATENCY = { delivery: 'exactly-once', tuplesPerSecond: 1, p50Ms: 1, p99Ms: 2, p999Ms: 3, tuples: 4 };

test('sections that were not asked for are not in the report', () => {
  expect(markdown(REPORT).split('\n').filter((line) => line.startsWith('| ') && !line.includes('---'))).toEqual(['| case | what | ms | CPU ms | reference ms | speed over the reference | aim |']);
});

test('those that were are, each a table of its own', () => {
  const text = markdown({
    ...REPORT,
    latency: [LATENCY],
    scaling: [{ rows: 10, ms: 5, microsPerRow: undefined }],
    memory: [{ name: 'a', peaks: [{ process: 'run', bytes: 2 ** 20 }] }],
  });
  const tables = text.split('\n\n').filter((part) => part.startsWith('|')).map((part) => part.trimEnd().split('\n').at(-1));
  expect(tables).toEqual(['| --- | --- | --- | --- | --- | --- | --- |', '| exactly-once | 1 | 1.0 | 2.0 | 3.0 | 4 |', '| 10 | 5 |  |', '| a | run | 1.0 |']);
});

test('what is kept as JSON is what was measured', () => {
  const report: Report = { ...REPORT, latency: [LATENCY] };
  expect(JSON.parse(JSON.stringify(report))).toEqual({ machine: 'M', rows: 10, rounds: 1, results: [], latency: [LATENCY] });
});
