/**
 * Which tasks there are and which channels join them.
 *
 * Stage 0 is the source, one task; stages 1 to n are the user's; stage n + 1 is the sink. Of stages that were fused only the
 * number of the last is left. Neighbouring stages are joined all to all, but for part files: there each task of the last stage
 * has a sink of its own.
 */
import type { JobPlan, Partitioning, StagePlan } from './plan.ts';
import { FIRST_GENERATION, type TaskRef } from './task-id.ts';

export interface Topology {
  readonly plan: JobPlan;
  /** True when every task of the last stage writes a part file. */
  readonly parts: boolean;
  /** The stage whose tasks are being superseded by those of its next generation. */
  readonly rescaling?: Rescaling | undefined;
}

/** Another number of tasks for a stage, under way: those that it has end, then the others begin where they were. */
export interface Rescaling {
  readonly stage: number;
  /** Of the next generation. */
  readonly tasks: number;
  /** Its tasks are asked to stand still, and whether they can go without a trace; nobody goes over to the next generation yet. */
  readonly freezing?: boolean | undefined;
}

export function sinkStage(topology: Topology): number {
  return (topology.plan.stages.at(-1)?.number ?? 0) + 1;
}

/** The stages that there are, the source and the sink among them, in their order. */
export function stageNumbers(topology: Topology): number[] {
  return [0, ...topology.plan.stages.map(({ number }) => number), sinkStage(topology)];
}

/** The plan of a stage; undefined for the source and the sink. */
export function stageNumbered(plan: JobPlan, number: number): StagePlan | undefined {
  return plan.stages.find((stage) => stage.number === number);
}

/** The one that takes a stage's output; the sink has none behind it. */
export function stageBehind(topology: Topology, stage: number): number {
  return stageNumbers(topology).find((number) => number > stage) ?? sinkStage(topology) + 1;
}

export function isOperatorTask(task: TaskRef, topology: Topology): boolean {
  return task.stage > 0 && task.stage < sinkStage(topology);
}

/** How many tasks a stage has. */
export function tasksOfStage(topology: Topology, stage: number): number {
  const plan = stageNumbered(topology.plan, stage);
  if (plan !== undefined) return plan.tasks;
  return stage > 0 && topology.parts ? (topology.plan.stages.at(-1)?.tasks ?? 0) : 1;
}

/** Which generation of a stage there is. Sources and sinks have one. */
export function generationOfStage(topology: Topology, stage: number): number {
  return stageNumbered(topology.plan, stage)?.generation ?? FIRST_GENERATION;
}

/** The tasks of a stage. */
export function stageTasks(topology: Topology, stage: number): TaskRef[] {
  const generation = generationOfStage(topology, stage);
  return Array.from({ length: tasksOfStage(topology, stage) }, (_, index) => ({ stage, generation, index }));
}

/** All tasks, the source first, the sinks last. */
export function allTasks(topology: Topology): TaskRef[] {
  return stageNumbers(topology).flatMap((stage) => stageTasks(topology, stage));
}

/** The tasks that will take the place of a stage's, where it is being rescaled. */
export function successorsOf(topology: Topology, stage: number): TaskRef[] {
  const { rescaling } = topology;
  if (rescaling?.stage !== stage) return [];
  const generation = generationOfStage(topology, stage) + 1;
  return Array.from({ length: rescaling.tasks }, (_, index) => ({ stage, generation, index }));
}

/** The tasks that take a task's output, in the order of their indices; none for a sink. */
export function consumersOf(topology: Topology, task: TaskRef): TaskRef[] {
  return task.stage === sinkStage(topology) ? [] : neighbours(topology, task, stageBehind(topology, task.stage));
}

/** The tasks whose output a task takes; none for the source. */
export function producersOf(topology: Topology, task: TaskRef): TaskRef[] {
  return task.stage === 0 ? [] : neighbours(topology, task, stageBefore(topology, task.stage));
}

/** The one whose output a stage takes; the source has none before it. */
export function stageBefore(topology: Topology, stage: number): number {
  return stageNumbers(topology).findLast((number) => number < stage) ?? 0;
}

/** How the output of a stage is spread over the tasks of the next. */
export function partitioningAfter(topology: Topology, stage: number): Partitioning {
  return stageNumbered(topology.plan, stageBehind(topology, stage))?.partitioning ?? { kind: 'spread' };
}

function neighbours(topology: Topology, task: TaskRef, stage: number): TaskRef[] {
  const oneToOne = topology.parts && Math.max(task.stage, stage) === sinkStage(topology);
  if (oneToOne) return [{ ...task, stage }];
  return stageTasks(topology, stage);
}
