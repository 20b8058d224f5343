import { MAX_CHANNEL_WINDOW_BYTES, MIN_CHANNEL_WINDOW_BYTES, WORKER_WINDOW_BUDGET_BYTES } from '../base/limits.ts';
import { producersOf, type Topology } from './topology.ts';
import { taskId, type TaskRef } from './task-id.ts';

/**
 * The window of every channel of a job, in bytes: a worker's budget divided among the channels that end there, counted
 * on the worker where most do. One size for all, so that producers know how large a frame may usefully be.
 */
export function channelWindowBytes(topology: Topology, tasks: readonly TaskRef[], workerOf: (task: string) => string): number {
  const channels = new Map<string, number>();
  for (const task of tasks) {
    const worker = workerOf(taskId(task));
    channels.set(worker, (channels.get(worker) ?? 0) + producersOf(topology, task).length);
  }
  const most = Math.max(1, ...channels.values());
  return Math.max(MIN_CHANNEL_WINDOW_BYTES, Math.min(MAX_CHANNEL_WINDOW_BYTES, Math.floor(WORKER_WINDOW_BUDGET_BYTES / most)));
}
