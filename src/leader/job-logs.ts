import type { Deployment } from '../control/schemas.ts';
import { logName } from '../job/task-id.ts';
import { allTasks, type Topology } from '../job/topology.ts';
import { DiskStore } from '../log/disk-store.ts';

/** Removes what a job's tasks have written down, when nobody will go on with it. Throws STORE_FAILED. */
export async function removeJobLogs(job: string, topology: Topology, store: Deployment['store']): Promise<void> {
  if (store === undefined) return;
  const opened = await DiskStore.open(store);
  for (const task of allTasks(topology)) await opened.remove(logName(job, task));
}
