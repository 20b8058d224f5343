/** `rainstorm demo`: a pipeline, by default one whose operators and workers are killed while it runs, and whether its result is right. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DEFAULT_KEEP } from '../leader/keep-limits.ts';
import { generate } from './generate.ts';
import { run } from './run.ts';

interface Demo {
  readonly stages: string;
  /** The same as operators in a plain pipe. */
  readonly pipe: readonly (readonly string[])[];
  readonly chaos?: string;
}

const FILTER_AND_COUNT: Demo = { stages: 'filter=completed:2,aggregate=zone:3', pipe: [['filter', 'completed'], ['aggregate', 'zone']] };

/** By number. */
export const DEMOS: readonly Demo[] = [
  { stages: 'identity:3', pipe: [['identity']] },
  FILTER_AND_COUNT,
  { ...FILTER_AND_COUNT, chaos: 'tasks:1s,workers:4s' },
];

/** Fast enough to look at, slow enough for every machine. */
const TUPLES_PER_SECOND = 10_000;

const SEED = 1;

export interface DemoOptions {
  /** Index of `DEMOS`. */
  readonly which: number;
  readonly seconds: number;
  readonly chaosSeed?: number | undefined;
}

/** Gives the exit status: 0 when the result is what one process for each stage makes of the same rows. */
export async function demo({ which, seconds, chaosSeed }: DemoOptions): Promise<number> {
  const { stages, pipe, chaos } = DEMOS[which] as Demo;
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-demo-'));
  try {
    const [source, dest] = [join(folder, 'trips.csv'), join(folder, 'out')];
    const rows = seconds * TUPLES_PER_SECOND;
    await generate({ rows, seed: SEED, out: source });
    say(`${rows.toLocaleString('en')} rows of made-up trips, read at ${TUPLES_PER_SECOND.toLocaleString('en')} a second${chaos === undefined ? '' : ', while operators and workers are killed'}:`);
    say(`  rainstorm run --stages '${stages}' --src trips.csv --header --dest out --rate ${TUPLES_PER_SECOND}${chaos === undefined ? '' : ` --chaos ${chaos}`}`);
    const status = await run(undefined, {
      stages, src: [source], dest, header: true, rate: String(TUPLES_PER_SECOND), dataDir: join(folder, 'data'), keep: DEFAULT_KEEP, workers: 2,
      ...(chaos === undefined ? {} : { chaos }),
      ...(chaos === undefined || chaosSeed === undefined ? {} : { chaosSeed }),
    });
    if (status !== 0) return status;
    return compare(await readFile(dest), await expected(source, pipe));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one process for each stage makes of the rows, joined by pipes, with no RainStorm between them. */
async function expected(source: string, pipe: Demo['pipe']): Promise<Buffer> {
  const operators = pipe.map(([name = '', ...args]) => operator(name, '--format', 'csv', '--header', ...args));
  let output: Readable = createReadStream(source);
  for (const { stdin, stdout } of operators) {
    output.pipe(stdin);
    output = stdout;
  }
  return await buffer(output);
}

function operator(name: string, ...args: readonly string[]) {
  const file = fileURLToPath(new URL(`../../operators/${name}.js`, import.meta.url));
  return spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

function compare(result: Buffer, wanted: Buffer): number {
  const isSame = sorted(result) === sorted(wanted);
  const lines = result.toString('latin1').split('\n').length - 1;
  say(isSame ? `The result, ${lines} lines, is the same byte for byte (sorted) as that of a plain pipe of the same operators.` : 'The result differs from that of a plain pipe of the same operators. This is a bug.');
  return isSame ? 0 : 1;
}

function sorted(bytes: Buffer): string {
  return bytes.toString('latin1').split('\n').toSorted().join('\n');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
