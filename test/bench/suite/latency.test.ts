import { expect, test } from 'vitest';
import { latencyOf, latencyTable } from '../../../bench/suite/latency.ts';

/** 1000 ms down to 1 ms. */
const TIMES = Array.from({ length: 1000 }, (_, index) => 1000 - index);

test('latencies are quantiles of all times, whatever their order', () => {
  expect(latencyOf('best-effort', 1_000, TIMES)).toEqual({ delivery: 'best-effort', tuplesPerSecond: 1_000, p50Ms: 501, p99Ms: 991, p999Ms: 1000, tuples: 1000 });
});

test('a rate at which nothing came back is an error, not a row without figures', () => {
  expect(() => latencyOf('exactly-once', 10_000, [])).toThrow('exactly-once, 10000 tuples/s: no tuple came back');
});

test('the table has one row for each rate', () => {
  expect(latencyTable([latencyOf('exactly-once', 1_000, TIMES), latencyOf('exactly-once', 10_000, [1.26])])).toEqual([
    '| delivery | tuples/s | p50 ms | p99 ms | p99.9 ms | tuples timed |',
    '| --- | --- | --- | --- | --- | --- |',
    '| exactly-once | 1000 | 501.0 | 991.0 | 1000.0 | 1000 |',
    '| exactly-once | 10000 | 1.3 | 1.3 | 1.3 | 1 |',
  ]);
});
