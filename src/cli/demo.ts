/** `rainstorm demo`: a job of `configs/` on made-up rows, and whether its result is that of a plain pipe of the same operators. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { RainstormError } from '../base/errors.ts';
import { readJobRecords } from '../leader/job-record.ts';
import { DEFAULT_KEEP } from '../leader/keep-limits.ts';
import { generate } from './generate.ts';
import { EXIT_PIPE_CLOSED } from './gone-reader.ts';
import { run } from './run.ts';
import { judgeScaling } from './scale-verdict.ts';
import { Terminal } from './terminal.ts';

interface Demo {
  /** What its job does, for the first line. */
  readonly what: string;
  /** The same as operators in a plain pipe. */
  readonly pipe: readonly (readonly string[])[];
  readonly chaos?: string;
  /** The rate is the job's own, by which so many rows last as long as they should; its tasks are to become more, and fewer again. */
  readonly scales?: { readonly rows: number };
}

const COUNT = [['filter', 'completed'], ['aggregate', 'zone']] as const;

/** By number, as their job files are called. */
export const DEMOS: readonly Demo[] = [
  { what: 'copied by three tasks', pipe: [['identity']] },
  { what: 'counted by zone', pipe: COUNT },
  { what: 'counted by zone, while operators and workers are killed', pipe: COUNT, chaos: 'tasks:1s,workers:4s' },
  { what: 'filtered at 100 a second, then 1,000, then 100, by as many tasks as that needs', pipe: [['filter', 'completed'], ['transform', 'zone,fare']], scales: { rows: 15_000 } },
];

/** Fast enough to look at, slow enough for every machine. */
const TUPLES_PER_SECOND = 10_000;

const DEFAULT_SECONDS = 15;

const SEED = 1;

export interface DemoOptions {
  /** Index of `DEMOS`. */
  readonly which: number;
  readonly seconds?: number | undefined;
  readonly chaosSeed?: number | undefined;
}

/** Gives the exit status: 0 when the result, and what was to be seen on the way, is as it should be. Throws USAGE. */
export async function demo({ which, seconds, chaosSeed }: DemoOptions): Promise<number> {
  const terminal = new Terminal();
  const { what, pipe, chaos, scales } = DEMOS[which] as Demo;
  if (scales !== undefined && seconds !== undefined) throw new RainstormError('USAGE', `demo ${which} lasts as long as its rate says`, { hint: 'Leave --seconds away.' });
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-demo-'));
  try {
    const [source, dest, dataDir] = [join(folder, 'trips.csv'), join(folder, 'out'), join(folder, 'data')];
    const rows = scales?.rows ?? (seconds ?? DEFAULT_SECONDS) * TUPLES_PER_SECOND;
    const rate = scales === undefined ? ['--rate', String(TUPLES_PER_SECOND)] : [];
    await generate({ rows, seed: SEED, out: source });
    await terminal.print(`${rows.toLocaleString('en')} rows of made-up trips, ${what}:\n`);
    const reader = await terminal.print(`  ${['rainstorm', 'run', `configs/demo-${which}.yaml`, '--src', 'trips.csv', '--dest', 'out', ...rate, ...(chaos === undefined ? [] : ['--chaos', chaos])].join(' ')}\n`);
    // Afterwards it is the job that matters.
    if (reader === 'closed') return EXIT_PIPE_CLOSED;
    const status = await run(configFile(which), {
      src: [source], dest, dataDir, keep: DEFAULT_KEEP, workers: 2,
      ...(scales === undefined ? { rate: String(TUPLES_PER_SECOND) } : {}),
      ...(chaos === undefined ? {} : { chaos }),
      ...(chaos === undefined || chaosSeed === undefined ? {} : { chaosSeed }),
    });
    if (status !== 0) return status;
    const isSame = await compare(await readFile(dest), await expected(source, pipe), terminal);
    const hasScaled = scales === undefined || (await tellScaling(dataDir, terminal));
    return isSame && hasScaled ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configFile(which: number): string {
  return fileURLToPath(new URL(`../../../configs/demo-${which}.yaml`, import.meta.url));
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

async function compare(result: Buffer, wanted: Buffer, terminal: Terminal): Promise<boolean> {
  const isSame = sorted(result) === sorted(wanted);
  const lines = result.toString('latin1').split('\n').length - 1;
  await terminal.print(isSame ? `The result, ${lines} lines, is the same byte for byte (sorted) as that of a plain pipe of the same operators.\n` : 'The result differs from that of a plain pipe of the same operators. This is a bug.\n');
  return isSame;
}

function sorted(bytes: Buffer): string {
  return bytes.toString('latin1').split('\n').toSorted().join('\n');
}

/** Of the one job in the folder. */
async function tellScaling(dataDir: string, terminal: Terminal): Promise<boolean> {
  const [record] = await readJobRecords(dataDir);
  const { text, isUpAndDown } = judgeScaling(record?.view?.scaled ?? []);
  await terminal.print(`${text}\n`);
  return isUpAndDown;
}
