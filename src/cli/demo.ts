/** `rainstorm demo`: a pipeline whose operators and workers are killed while it runs, and what became of its result. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DEFAULT_KEEP } from '../leader/keep-limits.ts';
import { generate } from './generate.ts';
import { run } from './run.ts';

const STAGES = 'filter=completed:2,aggregate=zone:3';
const CHAOS = 'tasks:1s,workers:4s';

/** Fast enough to look at, slow enough for every machine. */
const TUPLES_PER_SECOND = 10_000;

const SEED = 1;

export interface DemoOptions {
  readonly seconds: number;
  readonly chaosSeed?: number | undefined;
}

/** Gives the exit status: 0 when the result is what one process for each stage makes of the same rows. */
export async function demo({ seconds, chaosSeed }: DemoOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-demo-'));
  try {
    const [source, dest] = [join(folder, 'trips.csv'), join(folder, 'out')];
    const rows = seconds * TUPLES_PER_SECOND;
    await generate({ rows, seed: SEED, out: source });
    say(`${rows.toLocaleString('en')} rows of made-up trips, read at ${TUPLES_PER_SECOND.toLocaleString('en')} a second, while operators and workers are killed:`);
    say(`  rainstorm run --stages '${STAGES}' --src trips.csv --dest out --rate ${TUPLES_PER_SECOND} --chaos ${CHAOS}`);
    const status = await run(undefined, {
      stages: STAGES, src: [source], dest, rate: String(TUPLES_PER_SECOND), chaos: CHAOS, dataDir: join(folder, 'data'), keep: DEFAULT_KEEP, workers: 2,
      ...(chaosSeed === undefined ? {} : { chaosSeed }),
    });
    if (status !== 0) return status;
    return compare(await readFile(dest), await expected(source));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one process for each stage makes of the rows, joined by a pipe, with no RainStorm between them. */
async function expected(source: string): Promise<Buffer> {
  const filter = operator('filter', '--format', 'csv', '--header', 'completed');
  const aggregate = operator('aggregate', '--format', 'csv', '--header', 'zone');
  createReadStream(source).pipe(filter.stdin);
  filter.stdout.pipe(aggregate.stdin);
  return await buffer(aggregate.stdout);
}

function operator(name: string, ...args: readonly string[]) {
  const file = fileURLToPath(new URL(`../../operators/${name}.js`, import.meta.url));
  return spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

function compare(result: Buffer, wanted: Buffer): number {
  const isSame = sorted(result) === sorted(wanted);
  const lines = result.toString('latin1').split('\n').length - 1;
  say(isSame ? `The result, ${lines} lines, is the same byte for byte (sorted) as that of a plain pipe of the two operators.` : 'The result differs from that of a plain pipe of the two operators. This is a bug.');
  return isSame ? 0 : 1;
}

function sorted(bytes: Buffer): string {
  return bytes.toString('latin1').split('\n').toSorted().join('\n');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
