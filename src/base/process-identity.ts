/**
 * Telling a process from a later one that was given the same pid: by the moment it started.
 *
 * A zombie counts as dead: it does nothing any more and holds nothing but its pid.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { errnoOf } from './errors.ts';

/** Positions behind the command's name in /proc/<pid>/stat, whose fields proc(5) numbers 3 and 22. */
const STATE_FIELD = 0;
const START_TIME_FIELD = 19;

const ZOMBIE_STATES: ReadonlySet<string> = new Set(['Z', 'X', 'x']);

/**
 * A text that differs between two processes which have one pid after the other, also when the machine was started anew
 * between them. Undefined when no such process lives, or the system does not show it to us.
 */
export function processStartTime(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/**
 * Whether the process that had this pid and start time still runs. With `startTime` undefined, or where the system does not
 * show the start time, whether any process has the pid: better to take a stranger for it than to take it for dead.
 */
export function isSameProcessAlive(pid: number, startTime: string | undefined): boolean {
  const now = processStartTime(pid);
  if (now !== undefined) return startTime === undefined || now === startTime;
  return takesSignals(pid) && !isZombie(pid);
}

function startTimeFromProc(pid: number): string | undefined {
  const fields = statFields(pid);
  const ticks = fields?.[START_TIME_FIELD];
  if (ticks === undefined || ZOMBIE_STATES.has(fields?.[STATE_FIELD] ?? '')) return undefined;
  // Start times are counted from the boot, so the boot has to be told as well.
  const boot = readIfPresent('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot}:${ticks}`;
}

/** The fields behind the command's name, which is in parentheses and may itself hold spaces and parentheses. */
function statFields(pid: number): string[] | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function startTimeFromPs(pid: number): string | undefined {
  const line = psLine(pid);
  if (line === undefined || line.startsWith('Z')) return undefined;
  return line.replace(/^\S+\s+/, '').trim();
}

/** State and start time, as ps prints them on macOS and the BSDs. */
function psLine(pid: number): string | undefined {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env });
  const line = status === 0 ? stdout.trim() : '';
  return line === '' ? undefined : line;
}

function isZombie(pid: number): boolean {
  if (existsSync('/proc/self/stat')) return ZOMBIE_STATES.has(statFields(pid)?.[STATE_FIELD] ?? '');
  return psLine(pid)?.startsWith('Z') ?? false;
}

function takesSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return errnoOf(error) === 'EPERM';
  }
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between opening and reading. EACCES: a system that hides other users' processes.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}
