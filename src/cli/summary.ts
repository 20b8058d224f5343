import type { JobView } from '../control/views.ts';

/** Where tuples were left out: `3 tuples skipped, of which an operator died each time; see .rainstorm/jobs/…/deadletter`. */
export function skippedLine({ skippedTuples, deadLetters }: JobView): string | undefined {
  if (skippedTuples === 0) return undefined;
  const what = skippedTuples === 1 ? '1 tuple' : `${skippedTuples.toLocaleString('en-US')} tuples`;
  return `rainstorm: ${what} skipped, of which an operator died each time; see ${deadLetters}`;
}

/** `done in 0.52 s: 9,000 tuples in, 51 out to result.csv; logs in .rainstorm/jobs/…/logs` */
export function summaryLine(view: JobView, elapsedMs: number): string {
  const tuplesIn = view.stages[0]?.outTuples ?? 0;
  const tuplesOut = view.stages.at(-1)?.inTuples ?? 0;
  const where = view.dest === '-' ? '' : ` to ${view.dest}`;
  const count = (value: number) => value.toLocaleString('en-US');
  return `rainstorm: done in ${(elapsedMs / 1000).toFixed(2)} s: ${count(tuplesIn)} tuples in, ${count(tuplesOut)} out${where}; logs in ${view.logs}`;
}
