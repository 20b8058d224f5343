/**
 * What a journal costs: appends of 64 KiB to the disk store, at both durabilities, beside plain writes of the same bytes.
 *
 *     node bench/log.ts [FOLDER] [MB]
 *
 * FOLDER is where the store is put (the system's temporary folder), MB how much each row writes (256). Times are per append,
 * from call to confirmation, with the number under way that the row says. Each row is the median of some rounds, as the first
 * use of memory by the page cache is slow on virtual machines. Compare rows of one run only, on a machine that is idle.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskStore } from '../src/log/disk-store.ts';
import type { Durability, Log } from '../src/log/log.ts';

const APPEND_BYTES = 64 * 1024;
const ROUNDS = 5;

/** Different bytes in each place, as a checksum's time may depend on nothing but their number. */
const BYTES = Buffer.from(Uint8Array.from({ length: APPEND_BYTES }, (_, i) => (i * 7919) >> 3));

interface Load {
  readonly logs: number;
  /** Per log. */
  readonly appendsAtOnce: number;
}

interface Result {
  readonly bytesPerMs: number;
  readonly cpuShare: number;
  /** Sorted, in ms. */
  readonly times: readonly number[];
}

const LOADS: readonly Load[] = [
  { logs: 1, appendsAtOnce: 1 },
  { logs: 1, appendsAtOnce: 32 },
  { logs: 8, appendsAtOnce: 4 },
  { logs: 200, appendsAtOnce: 1 },
];

async function measure(count: number, run: (times: number[]) => Promise<void> | void): Promise<Result> {
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await run(times);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { bytesPerMs: (count * APPEND_BYTES) / ms, cpuShare: (user + system) / 1000 / ms, times: times.sort((a, b) => a - b) };
}

/** The same bytes by plain calls to one file: what the disk and the kernel take, without a journal. */
async function plainWrites(folder: string, count: number, durability: Durability): Promise<Result> {
  const path = join(folder, 'plain');
  const fd = openSync(path, 'w');
  const result = await measure(count, (times) => {
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      writeSync(fd, BYTES);
      // As often as 32 appends under way would have it done.
      if (durability === 'host' && i % 32 === 31) fdatasyncSync(fd);
      times.push(performance.now() - start);
    }
  });
  closeSync(fd);
  rmSync(path);
  return result;
}

async function appends(folder: string, count: number, durability: Durability, load: Load): Promise<{ written: Result; read: Result }> {
  const store = await DiskStore.open({ folder: join(folder, 'store'), durability });
  const logs = await Promise.all(Array.from({ length: load.logs }, (_, i) => store.open(`log-${i}`, 1)));
  const perWriter = Math.floor(count / load.logs / load.appendsAtOnce);
  const total = perWriter * load.logs * load.appendsAtOnce;
  const written = await measure(total, async (times) => {
    const writers = logs.flatMap((log) => Array.from({ length: load.appendsAtOnce }, () => appendInTurn(log, perWriter, times)));
    await Promise.all(writers);
  });
  await Promise.all(logs.map((log) => log.close()));
  const read = await measure(total, () => recover(store, load.logs));
  rmSync(join(folder, 'store'), { recursive: true });
  return { written, read };
}

async function appendInTurn(log: Log, count: number, times: number[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await log.append(1, [BYTES]);
    times.push(performance.now() - start);
  }
}

/** Takes every log over and reads it, one after the other. */
async function recover(store: DiskStore, logs: number): Promise<void> {
  for (let i = 0; i < logs; i++) {
    const log = await store.open(`log-${i}`, 2);
    for await (const record of log.read(0)) if (record.payload.length !== APPEND_BYTES) throw new Error(`record ${record.position} is not what was written`);
    await log.close();
  }
}

/** The round of median throughput. */
function median(results: readonly Result[]): Result {
  return results.toSorted((a, b) => a.bytesPerMs - b.bytesPerMs)[results.length >> 1] as Result;
}

async function rounds<T>(run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < ROUNDS; i++) results.push(await run());
  return results;
}

function row(name: string, { bytesPerMs, cpuShare, times }: Result, plain: Result): string {
  const at = (share: number): string => (times[Math.floor(times.length * share)]?.toFixed(2) ?? '').padStart(8);
  const mbPerS = (bytesPerMs / 1000).toFixed(0).padStart(8);
  return `${name.padEnd(44)}${mbPerS}${(bytesPerMs / plain.bytesPerMs).toFixed(2).padStart(8)}${at(0.5)}${at(0.99)}${cpuShare.toFixed(2).padStart(8)}`;
}

async function compare(folder: string, count: number, durability: Durability): Promise<void> {
  const plain = median(await rounds(() => plainWrites(folder, count, durability)));
  console.log(row(`${durability}: plain writes${durability === 'host' ? ', a sync every 2 MB' : ''}`, plain, plain));
  for (const load of LOADS) {
    const results = await rounds(() => appends(folder, count, durability, load));
    const name = `${durability}: ${load.logs} log${load.logs === 1 ? '' : 's'}, ${load.appendsAtOnce} at once`;
    console.log(row(name, median(results.map(({ written }) => written)), plain));
    console.log(row('    taken over and read', median(results.map(({ read }) => read)), plain));
  }
}

async function main(parent: string, megabytes: number): Promise<void> {
  const folder = mkdtempSync(join(parent, 'rainstorm-bench-'));
  const count = Math.floor((megabytes * 1e6) / APPEND_BYTES);
  console.log(`${''.padEnd(44)}    MB/s   ratio  p50 ms  p99 ms   cores`);
  try {
    for (const durability of ['process', 'host'] as const) await compare(folder, count, durability);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main(process.argv[2] ?? tmpdir(), Number(process.argv[3] ?? 256));
