/**
 * The benchmark as `.ci/run` has it: short, and held against a baseline of its own size, bench/baseline-ci.json.
 *
 *     npm run build && node bench/ci.ts
 *
 * It fails when a job fails or its result is not the reference's, never for speed: times on a shared machine are noise, so
 * losses are for people to read. Its baseline is renewed by the benchmark itself; suite/baseline.ts says how.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { comparison, readBaseline } from './suite/baseline.ts';
import { casesNamed } from './suite/cases.ts';
import { writeInputs } from './suite/data.ts';
import { machine, markdown, type Report } from './suite/report.ts';
import { runCases } from './suite/run-cases.ts';

const BASELINE = fileURLToPath(new URL('baseline-ci.json', import.meta.url));

/** Enough that a row's cost shows beside the start-up, in a quarter of the time that the step has. */
const ROWS = 300_000;
const ROUNDS = 3;

/** A chain of our operators, one with a shuffle, one of commands. */
const NAMES = ['a', 'b', 'd'];

const cases = casesNamed(NAMES);
const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));
try {
  await writeInputs(folder, ROWS, new Set(cases.map(({ input }) => input)));
  const report: Report = { machine: machine(), rows: ROWS, rounds: ROUNDS, results: await runCases(cases, folder, ROUNDS) };
  console.log(markdown(report));
  for (const line of comparison(report, readBaseline(BASELINE))) console.log(line);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
