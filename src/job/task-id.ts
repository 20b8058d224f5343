/**
 * Names of tasks and channels.
 *
 * A task is one parallel instance of a stage: stage 0 is the source, stages 1 to n are the user's, n + 1 is the sink.
 * Users see `2-0` (stage 2, index 0). Channels name both ends with their generation, since a rescaled stage's next
 * generation reuses the indices of the one before: `1.1.0>2.1.2` (stage.generation.index > stage.generation.index).
 */
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';

export interface TaskRef {
  readonly stage: number;
  readonly generation: number;
  readonly index: number;
}

/** Whichever generation it is of. */
export type TaskPlace = Pick<TaskRef, 'stage' | 'index'>;

export const FIRST_GENERATION = 1;

/** By which a consumer's journal names a producer: no two tasks of a stage have the same, whatever their generations. */
export function producerNumber({ generation, index }: Pick<TaskRef, 'generation' | 'index'>): number {
  return (generation - FIRST_GENERATION) * MAX_TASKS_PER_STAGE + index;
}

/** The generation that a producer's number belongs to. */
export function generationOf(producer: number): number {
  return Math.floor(producer / MAX_TASKS_PER_STAGE) + FIRST_GENERATION;
}

export function taskId(task: TaskPlace): string {
  return `${task.stage}-${task.index}`;
}

const TASK_ID = /^(0|[1-9]\d{0,8})-(0|[1-9]\d{0,8})$/;

/** Undefined for a text that is no task's id. */
export function parseTaskId(text: string): TaskPlace | undefined {
  const [, stage, index] = TASK_ID.exec(text) ?? [];
  return stage === undefined ? undefined : { stage: Number(stage), index: Number(index) };
}

export function channelName(producer: TaskRef, consumer: TaskRef): string {
  return `${taskName(producer)}>${taskName(consumer)}`;
}

/** A task with its generation, as channels and journals name it: `2.1.0`. */
export function taskName(task: TaskRef): string {
  return `${task.stage}.${task.generation}.${task.index}`;
}

/** What the log of a task's journal, or of a sink's commits, is called in the job's store. */
export function logName(job: string, task: TaskRef): string {
  return `${job} ${taskName(task)}`;
}

/** Whether a log of a store is that of some task of the job. */
export function isLogOf(job: string, log: string): boolean {
  return log.startsWith(`${job} `) && /^\d+\.\d+\.\d+$/.test(log.slice(job.length + 1));
}
