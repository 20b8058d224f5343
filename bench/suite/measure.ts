/** One command, timed from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Times {
  readonly wallMs: number;
  /** User and system time of the command and everything it started. */
  readonly cpuMs: number;
}

/** A command that takes longer hangs. */
const LIMIT_MS = 900_000;

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
