import { logName } from '../job/task-id.ts';
import { allTasks, type Topology } from '../job/topology.ts';
import type { LogStore } from '../log/log.ts';

/** Removes what a job's tasks have written down, when nobody will go on with it. Throws STORE_FAILED. */
export async function removeJobLogs(job: string, topology: Topology, store: LogStore): Promise<void> {
  for (const task of allTasks(topology)) await store.remove(logName(job, task));
}
