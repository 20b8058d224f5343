/** All that a run has measured, for people as Markdown, and as JSON for the next run. */
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { latencyTable, type Latency } from './latency.ts';
import { memoryTable, type Memory } from './memory.ts';
import { resultsTable, type Result } from './results.ts';
import { scalingTable, type Scaling } from './scaling.ts';

/** What was not asked for is undefined. */
export interface Report {
  readonly machine: string;
  readonly rows: number;
  readonly rounds: number;
  readonly results: readonly Result[];
  readonly latency?: readonly Latency[] | undefined;
  readonly scaling?: readonly Scaling[] | undefined;
  readonly memory?: readonly Memory[] | undefined;
}

export function machine(): string {
  return `Node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`;
}

export function markdown({ machine, rows, rounds, results, latency, scaling, memory }: Report): string {
  return [
    `${machine}; ${rows} rows, medians of ${rounds} rounds.`, '', ...resultsTable(results), '',
    ...(latency === undefined ? [] : ['From stdin to stdout, two stages:', '', ...latencyTable(latency), '']),
    ...(scaling === undefined ? [] : ['Case a from start to exit, one job each; between small jobs the difference is noise:', '', ...scalingTable(scaling), '']),
    ...(memory === undefined ? [] : ['Memory of each process, the largest first:', '', ...memoryTable(memory), '']),
  ].join('\n');
}
