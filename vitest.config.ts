import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where to write the results as JSON as well, for whoever counts them. */
const report = process.env['VITEST_JSON_REPORT'];

/** Files that take a minute or more, in folders; one of them that begins last would have the others wait. */
const LONGEST = ['/test/simulation/', '/test/fault/', '/test/end-to-end/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => LONGEST.findIndex((folder) => moduleId.includes(folder)) >>> 0;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Every test is bounded in time; the ones that start whole jobs say so themselves.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // More than two cores: whole jobs wait for each other, for leases and time-outs a third of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
