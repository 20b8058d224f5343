import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

const SEEDS = 5_000;

test(`${SEEDS} simulated jobs with crashes, deaths and cut connections give what undisturbed ones give`, { timeout: 120_000 }, async () => {
  const totals = { crashes: 0, cuts: 0, deaths: 0, skips: 0, rejected: 0, replays: 0, checkpoints: 0, copies: 0 };
  const readOnce = { reread: 0, refused: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await simulate(seed);
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += report[key];
    for (const key of Object.keys(readOnce) as (keyof typeof readOnce)[]) readOnce[key] += report[key];
  }
  console.log(`seeds 1 to ${SEEDS}: ${JSON.stringify({ ...totals, ...readOnce })}`);
  // A simulator in which nothing happens proves nothing.
  for (const count of Object.values(totals)) expect(count).toBeGreaterThan(SEEDS / 10);
  for (const count of Object.values(readOnce)) expect(count).toBeGreaterThan(SEEDS / 100);
});
