/**
 * Which tasks there are and which channels join them.
 *
 * Stage 0 is the source, one task; stages 1 to n are the user's; stage n + 1 is the sink. Neighbouring stages are joined
 * all to all, but for part files: there each task of the last stage has a sink of its own.
 */
import type { JobPlan, Partitioning } from './plan.ts';
import { FIRST_GENERATION, type TaskRef } from './task-id.ts';

export interface Topology {
  readonly plan: JobPlan;
  /** True when every task of the last stage writes a part file. */
  readonly parts: boolean;
}

export function sinkStage(topology: Topology): number {
  return topology.plan.stages.length + 1;
}

export function isOperatorTask(task: TaskRef, topology: Topology): boolean {
  return task.stage > 0 && task.stage < sinkStage(topology);
}

/** How many tasks stage `stage` has, 0 to n + 1. */
export function tasksOfStage(topology: Topology, stage: number): number {
  if (stage === 0) return 1;
  if (stage <= topology.plan.stages.length) return topology.plan.stages[stage - 1]?.tasks ?? 0;
  return topology.parts ? tasksOfStage(topology, topology.plan.stages.length) : 1;
}

/** All tasks, the source first, the sinks last. */
export function allTasks(topology: Topology): TaskRef[] {
  const tasks: TaskRef[] = [];
  for (let stage = 0; stage <= sinkStage(topology); stage++) {
    for (let index = 0; index < tasksOfStage(topology, stage); index++) tasks.push({ stage, generation: FIRST_GENERATION, index });
  }
  return tasks;
}

/** The tasks that take a task's output, in the order of their indices; none for a sink. */
export function consumersOf(topology: Topology, task: TaskRef): TaskRef[] {
  return task.stage === sinkStage(topology) ? [] : neighbours(topology, task, task.stage + 1);
}

/** The tasks whose output a task takes; none for the source. */
export function producersOf(topology: Topology, task: TaskRef): TaskRef[] {
  return task.stage === 0 ? [] : neighbours(topology, task, task.stage - 1);
}

/** How the output of a stage is spread over the tasks of the next. */
export function partitioningAfter(topology: Topology, stage: number): Partitioning {
  return topology.plan.stages[stage]?.partitioning ?? { kind: 'spread' };
}

function neighbours(topology: Topology, task: TaskRef, stage: number): TaskRef[] {
  const oneToOne = topology.parts && Math.max(task.stage, stage) === sinkStage(topology);
  if (oneToOne) return [{ ...task, stage }];
  return Array.from({ length: tasksOfStage(topology, stage) }, (_, index) => ({ stage, generation: FIRST_GENERATION, index }));
}
