/** What the rounds of one case come to. */
import type { Case } from './cases.ts';
import type { Round } from './run-case.ts';
import { median } from './statistics.ts';
import { rounded, table, whole } from './table.ts';

export interface Result {
  readonly name: string;
  readonly title: string;
  /** Medians of all rounds. */
  readonly ms: number;
  readonly cpuMs: number;
  readonly referenceMs: number | undefined;
  /** Our speed over that of what it is compared with. */
  readonly ratio: number | undefined;
  readonly lowest: number | undefined;
  readonly highest: number | undefined;
  readonly aim: number | undefined;
}

/** `others`: the rounds of the case that it is compared to. */
export function summarize(one: Case, rounds: readonly Round[], others: readonly Round[] | undefined): Result {
  const ratios = rounds.flatMap((round, index) => {
    const other = one.comparedTo === undefined ? round.reference : others?.[index]?.ours;
    return other === undefined ? [] : [other.wallMs / round.ours.wallMs];
  });
  const references = rounds.flatMap(({ reference }) => (reference === undefined ? [] : [reference.wallMs]));
  return {
    name: one.name,
    title: one.title,
    ms: median(rounds.map(({ ours }) => ours.wallMs)) ?? Number.NaN,
    cpuMs: median(rounds.map(({ ours }) => ours.cpuMs)) ?? Number.NaN,
    referenceMs: median(references),
    ratio: median(ratios),
    lowest: ratios.toSorted((a, b) => a - b)[0],
    highest: ratios.toSorted((a, b) => b - a)[0],
    aim: one.aim,
  };
}

export function resultsTable(results: readonly Result[]): string[] {
  const rows = results.map((one) => {
    const share = one.ratio === undefined ? '' : `${rounded(one.ratio, 2)} (${rounded(one.lowest, 2)} to ${rounded(one.highest, 2)})`;
    return [one.name, one.title, whole(one.ms), whole(one.cpuMs), whole(one.referenceMs), share, rounded(one.aim, 2)];
  });
  return table(['case', 'what', 'ms', 'CPU ms', 'reference ms', 'speed over the reference', 'aim'], rows);
}
