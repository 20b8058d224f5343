/**
 * Decides which worker hosts which task: pure functions of the job and the workers.
 *
 * Operators are spread evenly, since each is a process that wants a core; of the workers with the fewest, one that already
 * hosts a task of the stage before is taken, so that some of the channels are function calls. The source goes to the first
 * task that it feeds and each sink to the first task that feeds it, unless they are the user's stdin or stdout.
 */
import { invariant } from '../base/errors.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import { allTasks, consumersOf, isOperatorTask, producersOf, sinkStage, stageTasks, type Topology } from '../job/topology.ts';

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

/** Every task on a worker, before any of them has run. */
export function placeTasks({ topology, workers, edge }: PlacementInput): Place[] {
  const placed = new Map<string, string>();
  placeOperators(allTasks(topology), topology, workers, placed);
  return allTasks(topology).map((task) => ({ stage: task.stage, index: task.index, worker: workerFor(task, topology, placed, edge), attempt: 1 }));
}

export interface StagePlacementInput {
  readonly topology: Topology;
  /** Those that live, at least one, in a fixed order. */
  readonly workers: readonly string[];
  /** Where the tasks are; those of the stage's generation before are left out. */
  readonly places: readonly Place[];
  readonly stage: number;
}

/** A stage's tasks are placed anew, as their generation's first attempts; all others stay. */
export function placeStage({ topology, workers, places, stage }: StagePlacementInput): Place[] {
  const others = places.filter((place) => place.stage !== stage);
  const placed = new Map(others.map((place) => [taskId(place), place.worker]));
  const tasks = stageTasks(topology, stage);
  placeOperators(tasks, topology, workers, placed);
  return [...others, ...tasks.map((task) => ({ stage, index: task.index, worker: placed.get(taskId(task)) ?? anyOf(workers), attempt: 1 }))];
}

export interface ReplacementInput {
  readonly topology: Topology;
  /** Those that live, at least one, in a fixed order. */
  readonly workers: readonly string[];
  /** Where the tasks were until now. */
  readonly places: readonly Place[];
  /** Tasks that live where they are: they stay. */
  readonly stays: (place: Place) => boolean;
  /** Tasks that have nothing left to do. */
  readonly finished: (task: string) => boolean;
  /** The greatest attempt of a task that is known; the place's is 0 where the task was left out. */
  readonly lastAttempt: (place: Place) => number;
}

/**
 * The places after workers were lost: what they hosted goes to those that live, as a next attempt. A finished task is left
 * out when the tasks before it will never come back to it: they have finished, and live or are left out themselves. A sink
 * is never left out, since it is still to publish. One that was left out comes back with a task before it that does.
 */
export function replaceTasks({ topology, workers, places, stays, finished, lastAttempt }: ReplacementInput): Place[] {
  const before = new Map(places.map((place) => [taskId(place), place]));
  const stay = new Map(places.filter(stays).map((place) => [taskId(place), place]));
  const over = new Set<string>();
  for (const task of allTasks(topology)) {
    const id = taskId(task);
    const isOver = (producer: TaskRef) => over.has(taskId(producer)) || (stay.has(taskId(producer)) && finished(taskId(producer)));
    // Where it is not known that a task before it had finished (another leader was told), that one is to find it again.
    const wasOver = !before.has(id) && producersOf(topology, task).every((producer) => over.has(taskId(producer)) || stay.has(taskId(producer)));
    if (wasOver || (!stay.has(id) && finished(id) && task.stage !== sinkStage(topology) && producersOf(topology, task).every(isOver))) over.add(id);
  }
  const placed = new Map([...stay].map(([id, place]) => [id, place.worker]));
  const homeless = allTasks(topology).filter((task) => !over.has(taskId(task)) && !stay.has(taskId(task)));
  const leftOut = new Map(homeless.map(({ stage, index }) => [taskId({ stage, index }), { stage, index, worker: '', attempt: 0 }]));
  placeOperators(homeless, topology, workers, placed);
  for (const task of homeless) if (!isOperatorTask(task, topology)) placed.set(taskId(task), besideNeighbour(task, topology, placed) ?? anyOf(workers));
  return [...placed].map(([id, worker]) => {
    const staying = stay.get(id);
    if (staying !== undefined) return staying;
    const place = before.get(id) ?? leftOut.get(id);
    invariant(place !== undefined, `task ${id} is one of the job's`);
    return { ...place, worker, attempt: lastAttempt(place) + 1 };
  });
}

/** Puts operator tasks where the fewest are; `placed` holds those that have their places, and gets the others. */
function placeOperators(tasks: readonly TaskRef[], topology: Topology, workers: readonly string[], placed: Map<string, string>): void {
  const load = new Map(workers.map((worker) => [worker, 0]));
  const count = (worker: string) => load.set(worker, (load.get(worker) ?? 0) + 1);
  for (const task of allTasks(topology)) {
    const worker = placed.get(taskId(task));
    if (worker !== undefined && load.has(worker) && isOperatorTask(task, topology)) count(worker);
  }
  for (const task of tasks) {
    if (!isOperatorTask(task, topology)) continue;
    const worker = leastLoaded(task, topology, load, placed);
    placed.set(taskId(task), worker);
    count(worker);
  }
}

function leastLoaded(task: TaskRef, topology: Topology, load: ReadonlyMap<string, number>, placed: ReadonlyMap<string, string>): string {
  const least = Math.min(...load.values());
  const candidates = [...load].filter(([, tasks]) => tasks === least).map(([worker]) => worker);
  const neighbours = new Set(producersOf(topology, task).map((producer) => placed.get(taskId(producer))));
  return candidates.find((worker) => neighbours.has(worker)) ?? anyOf(candidates);
}

function workerFor(task: TaskRef, topology: Topology, placed: ReadonlyMap<string, string>, edge: PlacementInput['edge']): string {
  if (task.stage === 0 && edge?.source === true) return edge.worker;
  if (task.stage === sinkStage(topology) && edge?.sink === true) return edge.worker;
  const worker = isOperatorTask(task, topology) ? placed.get(taskId(task)) : besideNeighbour(task, topology, placed);
  invariant(worker !== undefined, `task ${taskId(task)} has a place`);
  return worker;
}

/** Where a source's first consumer is, or a sink's first producer; undefined where that is nowhere any more. */
function besideNeighbour(task: TaskRef, topology: Topology, placed: ReadonlyMap<string, string>): string | undefined {
  const [neighbour] = (task.stage === sinkStage(topology) ? producersOf : consumersOf)(topology, task);
  return neighbour === undefined ? undefined : placed.get(taskId(neighbour));
}

function anyOf(workers: readonly string[]): string {
  const [worker] = workers;
  invariant(worker !== undefined, 'there is a worker to place tasks on');
  return worker;
}
