/**
 * How long a task is away when its operator is killed, and what kills cost.
 *
 *     npm run build && node bench/recovery.ts [KILLS]
 *
 * Two parts, each on rows of our own making:
 * - a job at 20,000 tuples a second, whose operators are killed one after the other, KILLS times (100) in all: the time from
 *   the kill to the task's next new output, taken from the logs of its tasks;
 * - the same job as fast as it goes, in turn undisturbed and with a kill every two seconds: the ratio of the times.
 * Compare figures of one run only, on a machine that is idle.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

const STAGES = 'filter=completed,running-aggregate=zone';
const TUPLES_PER_SECOND = 20_000;
const KILL_EVERY_MS = 1_000;

/** A log keeps so much and no more: longer jobs would lose their first kills. */
const JOB_SECONDS = 20;

const FAST_ROWS = 4_000_000;
const ROUNDS = 3;

/** Pipes and buffers are full again after this; a task that has not come back by then would show as this long. */
const LIMIT_MS = 600_000;

const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));
try {
  const kills = Number(process.argv[2] ?? 100);
  console.log(`Node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'an unknown processor'}`);
  measureAbsence(kills);
  measureLoss();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function measureAbsence(kills: number): void {
  rainstorm('generate', '--rows', String(JOB_SECONDS * TUPLES_PER_SECOND), '--out', 'slow.csv');
  const times: number[] = [];
  while (times.length < kills) {
    rainstorm('run', '--stages', STAGES, '--src', 'slow.csv', '--dest', '/dev/null', '--rate', String(TUPLES_PER_SECOND), '--log-tuples', 'all', '--chaos', `tasks:${KILL_EVERY_MS}ms`, '--quiet');
    times.push(...['1-0', '2-0'].flatMap(absencesIn));
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  console.log(`from the kill of an operator to its task's next new output, ${times.length} kills at ${TUPLES_PER_SECOND} tuples/s:`);
  console.log(`  median ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
}

/** From each KILLED to the next OUTPUT behind it, in milliseconds. */
function absencesIn(task: string): number[] {
  const jobs = join(folder, '.rainstorm', 'jobs');
  const [job = ''] = readdirSync(jobs).toSorted().toReversed();
  const absences: number[] = [];
  let killedAt: number | undefined;
  for (const line of readFileSync(join(jobs, job, 'logs', `${task}.log`), 'latin1').split('\n')) {
    const [time = '', event] = line.split(' ', 2);
    if (event === 'KILLED') killedAt ??= Date.parse(time);
    if (event !== 'OUTPUT' || killedAt === undefined) continue;
    absences.push(Date.parse(time) - killedAt);
    killedAt = undefined;
  }
  return absences;
}

function measureLoss(): void {
  rainstorm('generate', '--rows', String(FAST_ROWS), '--out', 'fast.csv');
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const calm = timed();
    const stormy = timed('--chaos', 'tasks:2s');
    ratios.push(stormy / calm);
    console.log(`as fast as it goes, ${FAST_ROWS} rows: ${Math.round(calm)} ms undisturbed, ${Math.round(stormy)} ms with a kill every 2 s`);
  }
  console.log(`  ratio, median of ${ROUNDS}: ${(ratios.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN).toFixed(3)}`);
}

function timed(...args: readonly string[]): number {
  const startedAt = performance.now();
  rainstorm('run', '--stages', STAGES, '--src', 'fast.csv', '--dest', '/dev/null', '--quiet', ...args);
  return performance.now() - startedAt;
}

function rainstorm(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: LIMIT_MS });
  if (status !== 0) throw new Error(`rainstorm ${args.join(' ')}: status ${status}: ${stderr}`);
}
