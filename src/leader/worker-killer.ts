import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import type { GroupIdentity } from '../job/task-status.ts';
import { killOrphans } from './orphans.ts';
import { reapWorker, seenDead } from './reap-groups.ts';

/** Makes sure that workers which were declared lost are dead. */
export interface WorkerKiller {
  /** Of the machine that it reaches. */
  readonly hostname: string;
  /** Kills a worker, if it still is there, and its operators. */
  reap(worker: WorkerInfo, groups: readonly GroupIdentity[]): void;
  /** Waits until a worker that was killed is seen dead. Gives false if it does not die. */
  seenDead(worker: WorkerInfo, clock: Clock): Promise<boolean>;
  /** Kills every process of the job's operators whose worker is none of these processes. */
  killOrphans(job: string, workers: ReadonlySet<number>): void;
}

export const systemKiller: WorkerKiller = { hostname: hostname(), reap: reapWorker, seenDead, killOrphans };
