/**
 * Times each tuple through a job of two stages, one of them keyed, at several rates: every line carries the time at which it
 * was written, and is timed as it comes back. What the pipes before and behind the command take is in it. The first second,
 * in which code is compiled, is left out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import split2 from 'split2';
import { latencyOf, type Latency } from './latency.ts';
import { MAIN } from './run-case.ts';

const STAGES = 'filter=0,identity@1:2';
const DELIVERIES = ['exactly-once', 'best-effort'];
const RATES = [1_000, 10_000, 50_000];
const WARM_UP_MS = 1_000;
const TICK_MS = 1;

/** Beyond the time for which it is fed: a job that takes longer to start and to end hangs. */
const GRACE_MS = 60_000;

/** For so many seconds at each rate, which is to be more than the second that is left out. */
export async function runLatency(seconds: number): Promise<Latency[]> {
  const latencies: Latency[] = [];
  for (const delivery of DELIVERIES) {
    for (const rate of RATES) {
      console.error(`latency: ${delivery}, ${rate} tuples/s`);
      latencies.push(latencyOf(delivery, rate, await timesOf(delivery, rate, seconds)));
    }
  }
  return latencies;
}

async function timesOf(delivery: string, rate: number, seconds: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));
  const argv = [MAIN, 'run', '--stages', STAGES, '--format', 'csv', '--quiet', '--log-tuples', 'off', '--delivery', delivery];
  const job = spawn(process.execPath, argv, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'], timeout: seconds * 1000 + GRACE_MS });
  try {
    const timesMs: number[] = [];
    let firstAt: number | undefined;
    job.stdout.pipe(split2()).on('data', (line: string) => {
      const now = performance.now();
      firstAt ??= now;
      if (now - firstAt > WARM_UP_MS) timesMs.push(now - Number(line.slice(line.indexOf(',') + 1)));
    });
    const exited = once(job, 'close');
    await write(job.stdin, rate, seconds);
    const [status] = (await exited) as [number | null];
    if (status !== 0) throw new Error(`the job ended with status ${status}`);
    return timesMs;
  } finally {
    job.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As many lines each millisecond as the time that has passed asks for. */
async function write(stdin: NodeJS.WritableStream, rate: number, seconds: number): Promise<void> {
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
