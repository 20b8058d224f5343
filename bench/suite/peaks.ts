/** The memory of a program and everything below it, looked at from outside. Linux only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { processName, type Peak } from './memory.ts';

/** A program that takes longer hangs. */
const LIMIT_MS = 900_000;

/** The kernel keeps the peak of a process that lives; what one grows by after the last look is not seen. */
const LOOK_MS = 25;

/** Programs that come and go (mkfifo) are seen by chance, and hold less than this. */
const MIN_BYTES = 2 ** 20;

/** Runs a program and gives the most memory that each process of it had resident, the largest first. Throws when it fails. */
export async function peaksOf(argv: readonly string[], cwd: string): Promise<Peak[]> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], timeout: LIMIT_MS });
  const peaks = new Map<number, Peak>();
  const timer = setInterval(() => look(child.pid ?? 0, peaks), LOOK_MS);
  try {
    const [status] = (await once(child, 'exit')) as [number | null];
    if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${status}`);
  } finally {
    clearInterval(timer);
  }
  return [...peaks.values()].filter(({ bytes }) => bytes >= MIN_BYTES).toSorted((a, b) => b.bytes - a.bytes);
}

function look(root: number, peaks: Map<number, Peak>): void {
  const statuses = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => [Number(name), read(`/proc/${name}/status`)]));
  for (const [pid, status] of statuses) {
    if (!isBelow(pid, root, statuses)) continue;
    const bytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    const argv = read(`/proc/${pid}/cmdline`).split('\0');
    // One that has just ended has neither.
    if (bytes > 0 && argv[0] !== '') peaks.set(pid, { process: processName(argv), bytes });
  }
}

function isBelow(pid: number, root: number, statuses: ReadonlyMap<number, string>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parentOf(statuses.get(at))) if (at === root) return true;
  return false;
}

function parentOf(status: string | undefined): number | undefined {
  const parent = /^PPid:\s+(\d+)$/m.exec(status ?? '')?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
