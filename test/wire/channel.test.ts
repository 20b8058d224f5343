import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { ChannelModel } from './channel-model.ts';

const SEEDS = 2000;

describe('a channel over a network that delays and cuts as a seed decides', () => {
  test.each(['lines', 'csv'] satisfies Format[])('brings every tuple once and in order, within its limits (%s)', (format) => {
    const sums = { rejected: 0, cuts: 0, oversize: 0, restarts: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const model = runSeed(seed, () => new ChannelModel(new Random(seed), { format, stops: false }));
      sums.rejected += model.rejected;
      sums.cuts += model.cuts;
      sums.oversize += model.oversize;
      sums.restarts += model.restarts;
    }
    // The faults that this is about did happen.
    expect(sums.cuts).toBeGreaterThan(SEEDS);
    expect(sums.rejected).toBeGreaterThan(SEEDS);
    expect(sums.restarts).toBeGreaterThan(SEEDS);
    expect(sums.oversize).toBeGreaterThan(SEEDS / 10);
  });

  test('ends and holds nothing when the consumer stops it at any moment', () => {
    let stopped = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      stopped += runSeed(seed, () => new ChannelModel(new Random(seed), { format: 'lines', stops: true })).stops;
    }
    expect(stopped).toBeGreaterThan(SEEDS / 5);
  });
});

function runSeed(seed: number, make: () => ChannelModel): ChannelModel {
  try {
    const model = make();
    model.run();
    return model;
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
