/**
 * How fast jobs are, beside the same work in a shell pipe on one core.
 *
 *     npm run bench [-- --rows N --rounds N --only a,b --json FILE --baseline FILE --latency --scaling --memory]
 *
 * Each round runs every case once, its reference just before it; results are compared, ratios are medians over the rounds.
 * With `--json` the report is kept; with `--baseline` it is held against a kept one (bench/baseline.json), and what has become
 * slower by more than 15 % is said. `--latency` adds how long a tuple takes at several rates (10 s each, or
 * `--latency-seconds`), `--scaling` what case a costs from 10 rows up, `--memory` what each process of cases a, b and d had
 * resident at most. Times are those of whole commands, start-up included; compare figures of one run only, on a machine that
 * is idle. bench/latency.ts, recovery.ts, rescale.ts and log.ts measure what their names say; bench/ci.ts is the short run of
 * `.ci/run`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { comparison, readBaseline } from './suite/baseline.ts';
import { casesNamed } from './suite/cases.ts';
import { writeInputs } from './suite/data.ts';
import { parseOptions } from './suite/options.ts';
import { machine, markdown, type Report } from './suite/report.ts';
import { installedOf, runCases } from './suite/run-cases.ts';
import { runLatency } from './suite/run-latency.ts';
import { runMemory } from './suite/run-memory.ts';
import { runScaling } from './suite/run-scaling.ts';

const options = parseOptions(process.argv.slice(2));
const cases = installedOf(casesNamed(options.only));
const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline);
const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));

try {
  const report = await measure();
  console.log(markdown(report));
  if (baseline !== undefined) for (const line of comparison(report, baseline)) console.log(line);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<Report> {
  const { rows, rounds } = options;
  await writeInputs(folder, rows, new Set(cases.map(({ input }) => input)));
  return {
    machine: machine(), rows, rounds,
    results: await runCases(cases, folder, rounds),
    latency: options.latency ? await runLatency(options.latencySeconds) : undefined,
    scaling: options.scaling ? await runScaling(folder, rows) : undefined,
    memory: options.memory ? await runMemory(cases, folder) : undefined,
  };
}
