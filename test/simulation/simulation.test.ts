import { expect, test } from 'vitest';
import { simulate, type Report } from './simulate.ts';

/** So many take half a minute or so. */
const SEEDS = Number(process.env['RAINSTORM_TEST_LONG'] ?? 0) > 0 ? 20_000 : 2_000;

test(`${SEEDS} simulated jobs give what undisturbed ones give, and every kind of fault occurs`, { timeout: 400_000 }, async () => {
  const totals: Partial<Record<keyof Report, number>> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await simulate(seed);
    for (const key of Object.keys(report) as (keyof Report)[]) totals[key] = (totals[key] ?? 0) + report[key];
  }
  console.log(`seeds 1 to ${SEEDS}: ${JSON.stringify(totals)}`);
  // A simulator in which nothing happens proves nothing.
  for (const [what, count] of Object.entries(totals)) expect(count, what).toBeGreaterThan(SEEDS / 100);
});
