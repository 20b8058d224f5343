/**
 * Decides which worker hosts which task: a pure function of the job and the workers.
 *
 * Operators are spread evenly, since each is a process that wants a core; of the workers with the fewest, one that already
 * hosts a task of the stage before is taken, so that some of the channels are function calls. The source goes to the first
 * task that it feeds and each sink to the first task that feeds it, unless they are the user's stdin or stdout.
 */
import { invariant } from '../base/errors.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import { allTasks, consumersOf, isOperatorTask, producersOf, sinkStage, type Topology } from '../job/topology.ts';

export interface Place {
  readonly stage: number;
  readonly index: number;
  readonly worker: string;
  /** Of the task, from 1. */
  readonly attempt: number;
}

export interface PlacementInput {
  readonly topology: Topology;
  /** At least one, in a fixed order. */
  readonly workers: readonly string[];
  /** The command with the user's streams, and which of them the job uses. */
  readonly edge?: { readonly worker: string; readonly source: boolean; readonly sink: boolean } | undefined;
}

export function placeTasks({ topology, workers, edge }: PlacementInput): Place[] {
  const placed = new Map<string, string>();
  const load = new Map(workers.map((worker) => [worker, 0]));
  for (const task of allTasks(topology)) {
    if (!isOperatorTask(task, topology)) continue;
    const worker = leastLoaded(task, topology, load, placed);
    placed.set(taskId(task), worker);
    load.set(worker, (load.get(worker) ?? 0) + 1);
  }
  return allTasks(topology).map((task) => ({ stage: task.stage, index: task.index, worker: workerFor(task, topology, placed, edge), attempt: 1 }));
}

function leastLoaded(task: TaskRef, topology: Topology, load: ReadonlyMap<string, number>, placed: ReadonlyMap<string, string>): string {
  const least = Math.min(...load.values());
  const candidates = [...load].filter(([, tasks]) => tasks === least).map(([worker]) => worker);
  const neighbours = new Set(producersOf(topology, task).map((producer) => placed.get(taskId(producer))));
  const chosen = candidates.find((worker) => neighbours.has(worker)) ?? candidates[0];
  invariant(chosen !== undefined, 'there is a worker to place tasks on');
  return chosen;
}

function workerFor(task: TaskRef, topology: Topology, placed: ReadonlyMap<string, string>, edge: PlacementInput['edge']): string {
  const isSink = task.stage === sinkStage(topology);
  if (task.stage === 0 && edge?.source === true) return edge.worker;
  if (isSink && edge?.sink === true) return edge.worker;
  const neighbour = (isSink ? producersOf : consumersOf)(topology, task)[0];
  const worker = placed.get(taskId(isOperatorTask(task, topology) ? task : (neighbour as TaskRef)));
  invariant(worker !== undefined, `task ${taskId(task)} has a place`);
  return worker;
}
