import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { comparison, losses, readBaseline, type Baseline, type Measured } from '../../../bench/suite/baseline.ts';
import { CASE_NAMES } from '../../../bench/suite/cases.ts';
import { ROOT } from '../../project/root.ts';

function stored(ratio?: number): Baseline {
  return { machine: 'M', rows: 1000, rounds: 3, results: [{ name: 'a', ratio }] };
}

function measured(ratio: number | undefined, rows = 1000): Measured {
  return { rows, results: [{ name: 'a', title: 'a title', ratio }] };
}

describe('losses', () => {
  test('a ratio is lost when it has fallen by more than 15 %', () => {
    expect(losses(measured(0.849), stored(1))).toEqual(['case a (a title) is slower than before: ratio 0.849 instead of 1.000']);
    expect(losses(measured(0.851), stored(1))).toEqual([]);
  });

  test('what has become faster is never lost, whatever the ratio', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 100, noNaN: true }), fc.double({ min: 1, max: 10, noNaN: true }), (ratio, gain) => {
      expect(losses(measured(ratio * gain), stored(ratio))).toEqual([]);
    }));
  });

  test('a case without a ratio, now or then, cannot be lost', () => {
    expect(losses(measured(undefined), stored(1))).toEqual([]);
    expect(losses(measured(0.1), stored())).toEqual([]);
    expect(losses({ rows: 1, results: [{ name: 'new', title: '', ratio: 0.1 }] }, stored(1))).toEqual([]);
  });
});

describe('comparison', () => {
  test('says how many cases were compared, and with what', () => {
    expect(comparison(measured(1), stored(1))).toEqual(['0 of 1 cases lost more than 15 % against the baseline (M; 1000 rows, 3 rounds).']);
    expect(comparison(measured(1), stored())).toEqual(['0 of 0 cases lost more than 15 % against the baseline (M; 1000 rows, 3 rounds).']);
  });

  test('says when the sizes differ', () => {
    const [first, ...others] = comparison(measured(0.5, 10), stored(1));
    expect(first).toBe('The baseline has 1000 rows, this run 10: start-up weighs differently in their ratios.');
    expect(others).toEqual([...losses(measured(0.5), stored(1)), '1 of 1 cases lost more than 15 % against the baseline (M; 1000 rows, 3 rounds).']);
  });
});

test.each(['baseline.json', 'baseline-ci.json'])('bench/%s is a baseline of cases that there are', (file) => {
  const { results } = readBaseline(join(ROOT, 'bench', file));
  expect(results.filter(({ ratio }) => ratio !== undefined).length).toBeGreaterThan(0);
  expect(CASE_NAMES).toEqual(expect.arrayContaining(results.map(({ name }) => name)));
});

test.each(['{"rows": 1}', 'not JSON', '{"machine":"M","rows":1,"rounds":1,"results":[{"name":"a","ratio":"1"}]}'])('a file with %s is refused by its name', (text) => {
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-baseline-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kept.json');
  writeFileSync(path, text);
  expect(() => readBaseline(path)).toThrow(`${path} is no report of --json`);
});
