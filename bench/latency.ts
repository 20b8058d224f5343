/**
 * How long a tuple takes from the source's stdin to the sink's stdout.
 *
 *     npm run build && node bench/latency.ts [SECONDS]
 *
 * A job of two stages, one of them keyed, at several rates for SECONDS each (10): every line carries the time at which it was
 * written, and is timed as it comes back. What the pipes before and behind the command take is in it. The first second, in
 * which code is compiled, is left out. Compare figures of one run only, on a machine that is idle.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import split2 from 'split2';
import { machine } from './suite/report.ts';

const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

const STAGES = 'filter=0,identity@1:2';
const RATES = [1_000, 10_000, 50_000];
const WARM_UP_MS = 1_000;
const TICK_MS = 1;
const LIMIT_MS = 120_000;

const seconds = Number(process.argv[2] ?? 10);

console.log(`${machine()}; ${seconds} s at each rate`);
for (const delivery of ['exactly-once', 'best-effort']) {
  for (const rate of RATES) {
    const latencies = await measure(rate, delivery);
    const at = (share: number) => (latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN).toFixed(1);
    console.log(`${delivery}, ${rate} tuples/s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms of ${latencies.length} tuples`);
  }
}

/** Sorted, in milliseconds. */
async function measure(rate: number, delivery: string): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));
  const job = spawn(process.execPath, [MAIN, 'run', '--stages', STAGES, '--format', 'csv', '--quiet', '--log-tuples', 'off', '--delivery', delivery], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'], timeout: LIMIT_MS });
  try {
    const latencies: number[] = [];
    let firstAt: number | undefined;
    job.stdout.pipe(split2()).on('data', (line: string) => {
      const now = performance.now();
      firstAt ??= now;
      if (now - firstAt > WARM_UP_MS) latencies.push(now - Number(line.slice(line.indexOf(',') + 1)));
    });
    const exited = once(job, 'close');
    await write(job.stdin, rate);
    const [status] = (await exited) as [number | null];
    if (status !== 0) throw new Error(`the job ended with status ${status}`);
    return latencies.toSorted((a, b) => a - b);
  } finally {
    job.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As many lines each millisecond as the time that has passed asks for. */
async function write(stdin: NodeJS.WritableStream, rate: number): Promise<void> {
  const count = rate * seconds;
  const startedAt = performance.now();
  for (let written = 0; written < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) * rate) / 1000));
    let lines = '';
    const now = performance.now();
    for (; written < due; written++) lines += `0${written % 1000},${now}\n`;
    if (lines !== '' && !stdin.write(lines)) await once(stdin, 'drain');
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  stdin.end();
}
