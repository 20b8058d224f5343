/**
 * Ends what a dead worker left running on this machine. A pid alone may by now belong to a stranger, so a group is
 * killed only while its first process still is the one that the worker started.
 */
import { hostname } from 'node:os';
import { errnoOf } from '../base/errors.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import type { GroupIdentity } from '../job/task-status.ts';

/** Kills the worker, if it still is there (frozen, perhaps), and its operators. Nothing is done about another machine's. */
export function reapWorker(worker: WorkerInfo, groups: readonly GroupIdentity[]): void {
  if (worker.hostname !== hostname() || worker.pid === process.pid) return;
  killIfSame(worker.pid, worker.pid, worker.startTime);
  for (const group of groups) killIfSame(-group.pid, group.pid, group.startTime);
}

function killIfSame(target: number, pid: number, startTime: string | undefined): void {
  if (pid <= 1 || startTime === undefined || !isSameProcessAlive(pid, startTime)) return;
  try {
    process.kill(target, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
