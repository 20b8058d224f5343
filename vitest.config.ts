import { defineConfig } from 'vitest/config';

/** Where to write the results as JSON as well, for whoever counts them. */
const report = process.env['VITEST_JSON_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Every test is bounded in time; the ones that start whole jobs say so themselves.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // More than two cores: whole jobs wait for each other, for leases and time-outs a third of the time.
    maxWorkers: 3,
    pool: 'forks',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
