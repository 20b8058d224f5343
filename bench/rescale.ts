/**
 * How long a job pauses when a stage with state is given another number of tasks.
 *
 *     npm run build && node bench/rescale.ts [RESCALES]
 *
 * A count of each of 100,000 keys is fed 10,000 tuples a second and rescaled from two tasks to four and back, RESCALES times
 * (50) in all. Of each rescale: the longest time in which nothing came out, from the start of `rainstorm scale` to half a second
 * of input behind its end; how far what came out was behind what was due by then, in time; and how long `scale` took, its start-up
 * included. The same of as much input without a rescale is what the machine does by itself. Compare figures of one run only, on
 * a machine that is idle.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countNewlines } from '../src/job/count-newlines.ts';
import { machine } from './suite/report.ts';
import { MAIN } from './suite/run-case.ts';
import { quantile } from './suite/statistics.ts';
import { rounded, table } from './suite/table.ts';

const KEYS = 100_000;
const TUPLES_PER_MS = 10;
/** Every key once, as fast as it goes, before anything is measured. */
const WARM_UP = KEYS;
/** How much output a rescale may still disturb, and how much is then taken without one. */
const SPAN_TUPLES = 500 * TUPLES_PER_MS;

const TICK_MS = 1;

/** Far above what a rescale takes: one that gets here hangs. */
const SCALE_LIMIT_MS = 60_000;
const JOB_LIMIT_MS = 600_000;

const RESCALES = Number(process.argv[2] ?? 50);

/** What came out in a span of time. */
interface Span {
  longestGapMs: number;
  mostBehindMs: number;
}

/** Feeds a job, and looks at when its output comes. */
class Feed {
  /** Tuples that were fed, and that came out. */
  #fed = 0;
  #out = 0;
  /** Of the steady rate. */
  #startedAt = Infinity;
  #isOver = false;
  #lastAt = performance.now();
  #span: Span = { longestGapMs: 0, mostBehindMs: 0 };
  readonly #awaited = new Set<{ readonly out: number; readonly come: () => void }>();

  /** Until `end`. */
  async feed(stdin: NodeJS.WritableStream): Promise<void> {
    await this.#write(stdin, WARM_UP);
    this.#startedAt = performance.now();
    while (!this.#isOver) {
      const due = this.#due(performance.now());
      if (due > this.#fed) await this.#write(stdin, due - this.#fed);
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    stdin.end();
  }

  end(): void {
    this.#isOver = true;
  }

  came(chunk: Buffer): void {
    const now = performance.now();
    this.#span.longestGapMs = Math.max(this.#span.longestGapMs, now - this.#lastAt);
    this.#span.mostBehindMs = Math.max(this.#span.mostBehindMs, (this.#due(now) - this.#out) / TUPLES_PER_MS);
    this.#out += countNewlines(chunk);
    this.#lastAt = now;
    for (const awaited of this.#awaited) if (awaited.out <= this.#out) awaited.come();
  }

  /** What came out while `action` ran, and behind it of `SPAN_TUPLES` more. */
  async spanOf(action: () => Promise<unknown>): Promise<Span> {
    this.#span = { longestGapMs: 0, mostBehindMs: 0 };
    await action();
    await this.allOut(this.#fed + SPAN_TUPLES);
    return this.#span;
  }

  async allOut(out: number): Promise<void> {
    if (this.#out >= out) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const awaited = { out, come: resolve };
    this.#awaited.add(awaited);
    await promise;
    this.#awaited.delete(awaited);
  }

  /** How many are to be fed by then, also where the job takes no more for a while. */
  #due(now: number): number {
    return WARM_UP + Math.max(0, Math.floor((now - this.#startedAt) * TUPLES_PER_MS));
  }

  /** A stride without a divisor in common with the number of keys: one after the other, all of them. */
  async #write(stdin: NodeJS.WritableStream, count: number): Promise<void> {
    let lines = '';
    for (let i = 0; i < count; i++) lines += `${((this.#fed + i) * 7919) % KEYS}\n`;
    this.#fed += count;
    if (!stdin.write(lines)) await once(stdin, 'drain');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));
const argv = [MAIN, 'run', '--stages', 'running-aggregate=line:2', '--src', '-', '--quiet', '--log-tuples', 'off'];
const job = spawn(process.execPath, argv, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'], timeout: JOB_LIMIT_MS });
const ended = once(job, 'close').then(([status]) => {
  if (status !== 0) throw new Error(`the job ended with status ${status}`);
});
try {
  const feed = new Feed();
  job.stdout.on('data', (chunk: Buffer) => feed.came(chunk));
  await Promise.race([measure(feed), ended]);
} finally {
  job.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(feed: Feed): Promise<void> {
  const fed = feed.feed(job.stdin);
  await feed.allOut(WARM_UP);
  const calm: Span[] = [];
  const rescaled: Span[] = [];
  const scaleMs: number[] = [];
  for (let i = 0; i < RESCALES; i++) {
    calm.push(await feed.spanOf(() => Promise.resolve()));
    rescaled.push(await feed.spanOf(async () => scaleMs.push(await scale(i % 2 === 0 ? 4 : 2))));
  }
  feed.end();
  await fed;
  await ended;
  const gaps = (spans: readonly Span[]) => spans.map(({ longestGapMs }) => longestGapMs);
  const behind = (spans: readonly Span[]) => spans.map(({ mostBehindMs }) => mostBehindMs);
  const rows = [
    row('nothing comes out, around a rescale', gaps(rescaled)), row('without', gaps(calm)),
    row('output behind input, around a rescale', behind(rescaled)), row('without', behind(calm)),
    row('rainstorm scale', scaleMs),
  ];
  console.log([`${machine()}; ${RESCALES} rescales, ${KEYS} keys, ${TUPLES_PER_MS * 1000} tuples/s.`, '', ...table(['at most', 'median ms', 'p99 ms', 'longest ms'], rows)].join('\n'));
}

/** Gives how long it took. */
async function scale(tasks: number): Promise<number> {
  const startedAt = performance.now();
  const command = spawn(process.execPath, [MAIN, 'scale', '1', String(tasks)], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: SCALE_LIMIT_MS });
  const [status] = (await once(command, 'close')) as [number | null];
  if (status !== 0) throw new Error(`scale 1 ${tasks} ended with status ${status}`);
  return performance.now() - startedAt;
}

function row(name: string, timesMs: readonly number[]): string[] {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return [name, ...[0.5, 0.99, 1].map((share) => rounded(quantile(sorted, share), 0))];
}
