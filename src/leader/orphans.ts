/**
 * Finds what a dead worker's operators left running on this machine, which nobody told the leader of: those that were being
 * started, and all of them where the leader died as well. They bear their job's name in their environment. Linux only;
 * elsewhere, what the worker had reported is all that is known.
 */
import { errnoOf } from '../base/errors.ts';
import { readOfProcess, readProcessTable, type ProcessEntry } from '../base/process-table.ts';

/**
 * Kills everything that the job's operators started, but for those whose worker is one of these processes. Gives the
 * process groups that were killed.
 */
export function killOrphans(job: string, workers: ReadonlySet<number>): number[] {
  const processes = readProcessTable();
  const orphans = [...processes].filter(([pid]) => !isHosted(pid, processes, workers) && bearsJob(pid, job));
  const own = processes.get(process.pid)?.group;
  const groups = new Set(orphans.map(([, { group }]) => group).filter((group) => group > 1 && group !== own));
  for (const group of groups) kill(-group);
  // One may have left its group since it was read.
  for (const [pid] of orphans) kill(pid);
  return [...groups];
}

/**
 * Whether a living worker is above it, or above the operator in whose session it is. The first holds for what an operator
 * started in a session of its own, the second for what a shell left in the background and ended.
 */
function isHosted(pid: number, processes: ReadonlyMap<number, ProcessEntry>, workers: ReadonlySet<number>): boolean {
  const session = processes.get(pid)?.session ?? 0;
  if (workers.has(processes.get(session)?.parent ?? 0)) return true;
  // Processes come and go while they are read, so that what was read may go round in a circle.
  const seen = new Set<number>();
  for (let at = pid; at > 1 && !seen.has(at); at = processes.get(at)?.parent ?? 0) {
    if (workers.has(at)) return true;
    seen.add(at);
  }
  return false;
}

function bearsJob(pid: number, job: string): boolean {
  return readOfProcess(pid, 'environ')?.split('\0').includes(`RAINSTORM_JOB=${job}`) ?? false;
}

/** A negative number is a process group's. */
function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
