/**
 * Ends what a dead worker left running on this machine. A pid alone may by now belong to a stranger, so nothing is killed
 * whose pid is that of a process which started at another time.
 *
 * An operator's first process may be gone while others of its group live on: a shell sees the end of its input when the
 * worker dies, and leaves what it started in the background. The system gives no new process a pid that a group still
 * bears, so where nobody has the pid, the group is the operator's or there is none.
 */
import { hostname } from 'node:os';
import { errnoOf } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { isSameProcessAlive, processStartTime } from '../base/process-identity.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import type { GroupIdentity } from '../job/task-status.ts';

/** ESRCH: it is gone already. EPERM: it is another user's, and so nothing that we started. */
const NOT_OURS: ReadonlySet<string> = new Set(['ESRCH', 'EPERM']);

/** Kills the worker, if it still is there (frozen, perhaps), and its operators. Nothing is done about another machine's. */
export function reapWorker(worker: WorkerInfo, groups: readonly GroupIdentity[]): void {
  if (worker.hostname !== hostname() || worker.pid === process.pid) return;
  // The worker first: it would start operators that die again.
  if (isStarted(worker) && processStartTime(worker.pid) === worker.startTime) kill(worker.pid);
  for (const group of groups) if (isStarted(group) && !isStranger(group)) kill(-group.pid);
}

/** The system ends a killed process at once, unless it waits for a disk or a network that does not answer. */
const DEATH_WAIT_MS = 10_000;

/** There is no event for the end of a process that is not our child. */
const DEATH_LOOK_MS = 5;

/** Waits until a worker that was killed is seen dead. Gives false if it does not die. */
export async function seenDead(worker: WorkerInfo, clock: Clock): Promise<boolean> {
  const deadline = clock.now() + DEATH_WAIT_MS;
  while (isSameProcessAlive(worker.pid, worker.startTime)) {
    if (clock.now() > deadline) return false;
    await clock.wait(DEATH_LOOK_MS);
  }
  return true;
}

function isStarted({ pid, startTime }: GroupIdentity): boolean {
  return pid > 1 && startTime !== undefined;
}

function isStranger({ pid, startTime }: GroupIdentity): boolean {
  const found = processStartTime(pid);
  return found !== undefined && found !== startTime;
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch (error) {
    if (!NOT_OURS.has(errnoOf(error) ?? '')) throw error;
  }
}
