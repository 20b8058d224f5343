/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

/** How long tuples are timed at each rate. */
export const LATENCY_SECONDS = 10;

export interface Options {
  readonly rows: number;
  readonly rounds: number;
  /** Names of cases. Undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Paths. */
  readonly json: string | undefined;
  readonly baseline: string | undefined;
  readonly latency: boolean;
  readonly latencySeconds: number;
  readonly scaling: boolean;
  readonly memory: boolean;
}

/** Throws for an unknown flag, and for a number that is none. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '5000000' }, rounds: { type: 'string', default: '7' }, only: { type: 'string' },
      json: { type: 'string' }, baseline: { type: 'string' },
      latency: { type: 'boolean', default: false }, 'latency-seconds': { type: 'string', default: String(LATENCY_SECONDS) },
      scaling: { type: 'boolean', default: false }, memory: { type: 'boolean', default: false },
    },
  });
  const { only, json, baseline, latency, scaling, memory } = values;
  return {
    rows: count('rows', values.rows), rounds: count('rounds', values.rounds), only: only?.split(','),
    json, baseline, latency, latencySeconds: count('latency-seconds', values['latency-seconds']), scaling, memory,
  };
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${flag} ${text}: a whole number above 0 is wanted`);
  return Number(text);
}
