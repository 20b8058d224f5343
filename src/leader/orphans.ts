/**
 * Finds what a dead worker's operators left running on this machine, which nobody told the leader of: those that were being
 * started, and all of them where the leader died as well. They bear their job's name in their environment. Linux only;
 * elsewhere, what the worker had reported is all that is known.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { errnoOf } from '../base/errors.ts';

/** Positions behind the command's name in /proc/<pid>/stat: parent and process group, proc(5)'s fields 4 and 5. */
const PARENT_FIELD = 1;
const GROUP_FIELD = 2;

/** Kills every operator of the job whose worker is none of these processes. Gives the process groups. */
export function killOrphans(job: string, workers: ReadonlySet<number>): number[] {
  const orphans = processIds().filter((pid) => isOrphan(pid, job, workers));
  for (const pid of orphans) killGroup(pid);
  return orphans;
}

/** Of each operator the process that leads its group is the worker's child. */
function isOrphan(pid: number, job: string, workers: ReadonlySet<number>): boolean {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined || Number(fields[GROUP_FIELD]) !== pid || workers.has(Number(fields[PARENT_FIELD]))) return false;
  return read(`/proc/${pid}/environ`)?.split('\0').includes(`RAINSTORM_JOB=${job}`) ?? false;
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined for a process that has ended meanwhile, or is another user's. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
