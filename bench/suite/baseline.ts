/**
 * A stored report that a new one is held against, by ratios only, since machines differ.
 *
 * Any report of `--json` is one; what else is in it is ignored. To renew those stored here, on a machine that is idle:
 *
 *     npm run bench -- --json bench/baseline.json
 *     npm run bench -- --rows 300000 --rounds 3 --only a,b,d --json bench/baseline-ci.json
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Report } from './report.ts';
import { rounded } from './table.ts';

/** A ratio that has fallen by more than this against the stored one is worth a look. */
const MAX_LOSS = 0.15;

const BASELINE = z.object({
  machine: z.string(),
  rows: z.int().positive(),
  rounds: z.int().positive(),
  results: z.array(z.object({ name: z.string(), ratio: z.number().positive().optional() })),
});

export type Baseline = z.infer<typeof BASELINE>;

/** Start-up makes ratios of small inputs as low as 0.03. */
const DIGITS = 3;

/** What a report is compared by. */
export type Measured = Pick<Report, 'rows'> & { readonly results: readonly Pick<Report['results'][number], 'name' | 'title' | 'ratio'>[] };

/** Throws when it is none. */
export function readBaseline(path: string): Baseline {
  try {
    return BASELINE.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path} is no report of --json`, { cause: error });
  }
}

/** One line for each case that has become slower than the stored report says. */
export function losses(measured: Measured, stored: Baseline): string[] {
  return measured.results.flatMap((one) => {
    const before = ratioIn(stored, one.name);
    if (before === undefined || one.ratio === undefined || one.ratio >= before * (1 - MAX_LOSS)) return [];
    return [`case ${one.name} (${one.title}) is slower than before: ratio ${rounded(one.ratio, DIGITS)} instead of ${rounded(before, DIGITS)}`];
  });
}

/** The losses, and what a reader has to know of the comparison. */
export function comparison(measured: Measured, stored: Baseline): string[] {
  const compared = measured.results.filter(({ name, ratio }) => ratio !== undefined && ratioIn(stored, name) !== undefined).length;
  const lost = losses(measured, stored);
  return [
    ...(measured.rows === stored.rows ? [] : [`The baseline has ${stored.rows} rows, this run ${measured.rows}: start-up weighs differently in their ratios.`]),
    ...lost,
    `${lost.length} of ${compared} cases lost more than ${MAX_LOSS * 100} % against the baseline (${stored.machine}; ${stored.rows} rows, ${stored.rounds} rounds).`,
  ];
}

function ratioIn(stored: Baseline, name: string): number | undefined {
  return stored.results.find((one) => one.name === name)?.ratio;
}
