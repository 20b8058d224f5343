import type { JobPlan } from './plan.ts';
import { parseHeaderRow } from './columns.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const COUNTING: ReadonlySet<string> = new Set(['aggregate', 'running-aggregate']);

/**
 * One line for stderr when a CSV source's first record was counted like any other tuple and looks like a header: two or
 * more fields, all of them names: none empty, none a number, no two alike. Nothing is dropped on a guess.
 */
export function headerRemark(plan: JobPlan, firstRecord: Buffer | undefined): string | undefined {
  const counts = plan.stages.some(({ program }) => program.kind === 'operators' && program.operators.some(({ operator }) => COUNTING.has(operator)));
  if (plan.source.header || plan.source.format !== 'csv' || firstRecord === undefined || !counts) return undefined;
  const fields = parseHeaderRow(firstRecord, 'lines');
  const names = new Set(fields.filter((field) => field !== '' && !NUMBER.test(field)));
  if (fields.length < 2 || names.size < fields.length) return undefined;
  return `the first row looks like a header (${fields.slice(0, 3).join(', ')}…) and was counted as a tuple; --header leaves it out`;
}
