/** Runs case a on inputs of several sizes, one job each; its results are compared like those of any case. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { caseNamed } from './cases.ts';
import { INPUTS, writeRows } from './data.ts';
import { runRound } from './run-case.ts';
import { scalingCounts, scalingOf, type Scaling, type TimedJob } from './scaling.ts';

/** `rows`: those of the largest job, unless a usual size is larger. */
export async function runScaling(folder: string, rows: number): Promise<Scaling[]> {
  const jobs: TimedJob[] = [];
  for (const count of scalingCounts(rows)) {
    console.error(`scaling: ${count} rows`);
    const file = `rows-${count}.csv`;
    await writeRows(join(folder, file), count);
    const { ours } = await runRound(caseNamed('a'), folder, { ...INPUTS, rows: file });
    jobs.push({ rows: count, ms: ours.wallMs });
    rmSync(join(folder, file));
  }
  return scalingOf(jobs);
}
