/** One command, timed from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';

export interface Times {
  readonly wallMs: number;
  /** User and system time of the command and everything it started. */
  readonly cpuMs: number;
}

/** A command that takes longer hangs. */
const LIMIT_MS = 900_000;

const LOOK_MS = 25;

/** Runs a line of shell. Throws when it fails. */
export async function timeShell(line: string, cwd: string): Promise<Times> {
  // What bash itself says of times covers all children, and is the last line of its stderr.
  const child = spawn('bash', ['-c', `TIMEFORMAT='%R %U %S'; time { ${line}\n}`], { cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: LIMIT_MS, env: { ...process.env, LC_ALL: 'C' } });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  const times = stderr.trimEnd().split('\n').at(-1)?.split(' ').map(Number);
  if (status !== 0 || times === undefined || times.length !== 3 || times.some(Number.isNaN)) throw new Error(`${line}\nended with status ${status}: ${stderr}`);
  const [wall = 0, user = 0, system = 0] = times;
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

export interface Peak {
  readonly command: string;
  readonly bytes: number;
}

/** Runs a program and gives the most memory that each process below it had resident. Linux only. */
export async function peaksOf(argv: readonly string[], cwd: string): Promise<Peak[]> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { cwd, stdio: 'ignore', timeout: LIMIT_MS });
  const peaks = new Map<number, Peak>();
  const timer = setInterval(() => look(child.pid ?? 0, peaks), LOOK_MS);
  const [status] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${status}`);
  return [...peaks.values()].toSorted((a, b) => b.bytes - a.bytes);
}

function look(root: number, peaks: Map<number, Peak>): void {
  const parents = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => [Number(name), read(`/proc/${name}/status`)]));
  for (const [pid, status] of parents) {
    if (!isBelow(pid, root, parents)) continue;
    const bytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    if (bytes > 0) peaks.set(pid, { command, bytes });
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
