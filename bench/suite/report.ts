/** What the rounds of all cases come to, as a table for people and as JSON for the next run. */
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import type { Case } from './cases.ts';
import type { Round } from './run-case.ts';

/** A ratio that has fallen by more than this against the stored one is worth a look. */
const MAX_LOSS = 0.15;

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

export interface Report {
  readonly machine: string;
  readonly rows: number;
  readonly rounds: number;
  readonly results: readonly Result[];
}

export function machine(): string {
  return `Node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`;
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

export function markdown({ machine, rows, rounds, results }: Report): string {
  const lines = results.map((one) => {
    const share = one.ratio === undefined ? '' : `${shown(one.ratio)} (${shown(one.lowest)} to ${shown(one.highest)})`;
    const cells = [one.name, one.title, whole(one.ms), whole(one.cpuMs), whole(one.referenceMs), share, shown(one.aim)];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `${machine}; ${rows} rows, medians of ${rounds} rounds.`, '',
    '| case | what | ms | CPU ms | reference ms | speed over the reference | aim |', '| --- | --- | --- | --- | --- | --- | --- |', ...lines, '',
  ].join('\n');
}

/** One line for each case that has become slower than the stored report says; ratios only, since machines differ. */
export function losses(report: Report, stored: Report): string[] {
  return report.results.flatMap((one) => {
    const before = stored.results.find(({ name }) => name === one.name)?.ratio;
    if (before === undefined || one.ratio === undefined || one.ratio >= before * (1 - MAX_LOSS)) return [];
    return [`case ${one.name} (${one.title}) is slower than before: ratio ${shown(one.ratio)} instead of ${shown(before)}`];
  });
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : sorted.length === 0 ? undefined : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function shown(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2);
}

function whole(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(value));
}
