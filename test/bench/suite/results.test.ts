import { expect, test } from 'vitest';
import type { Case } from '../../../bench/suite/cases.ts';
import { resultsTable, summarize } from '../../../bench/suite/results.ts';
import type { Round } from '../../../bench/suite/run-case.ts';

const CASE: Case = { name: 'x', title: 'a title', input: 'rows', run: [], aim: 1.5 };

function round(oursMs: number, referenceMs?: number): Round {
  return { ours: { wallMs: oursMs, cpuMs: oursMs * 2 }, reference: referenceMs === undefined ? undefined : { wallMs: referenceMs, cpuMs: referenceMs } };
}

test('ratios are taken within each round, and their median is not the ratio of medians', () => {
  const result = summarize(CASE, [round(100, 100), round(200, 400), round(300, 150)], undefined);
  expect(result).toMatchObject({ ms: 200, cpuMs: 400, referenceMs: 150, ratio: 1, lowest: 0.5, highest: 2, aim: 1.5 });
});

test('a case that is compared to another has that one for a reference, round by round', () => {
  const result = summarize({ ...CASE, comparedTo: 'y' }, [round(100), round(200)], [round(50), round(300)]);
  expect(result).toMatchObject({ ratio: 1, lowest: 0.5, highest: 1.5, referenceMs: undefined });
});

test('the table leaves empty what is not known', () => {
  const rows = [summarize(CASE, [round(100, 120)], undefined), summarize({ ...CASE, aim: undefined }, [round(100.4)], undefined)];
  expect(resultsTable(rows).slice(2)).toEqual(['| x | a title | 100 | 200 | 120 | 1.20 (1.20 to 1.20) | 1.50 |', '| x | a title | 100 | 201 |  |  |  |']);
});
