/** What users see of a job and its tasks. */
import { join } from 'node:path';
import type { JobView, TaskView } from '../control/views.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import { allTasks, stageNumbered, stageNumbers, tasksOfStage, type Topology } from '../job/topology.ts';
import type { JobRun } from './job-run.ts';
import { describeStraggler, findStraggler, type Straggler } from './stragglers.ts';

export function viewOfJob(run: JobRun): JobView {
  const source = run.statuses.get(taskId({ stage: 0, index: 0 }));
  return {
    job: run.job,
    state: run.state,
    startedAt: run.startedAt.toISOString(),
    ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt.toISOString() }),
    dest: run.options.dest,
    logs: logsOf(run),
    skippedTuples: skippedBy(run),
    deadLetters: run.options.deadLetters,
    stages: viewOfStages(run),
    sourceDoneBytes: source?.sourceDoneBytes ?? 0,
    ...(source?.sourceTotalBytes === undefined ? {} : { sourceTotalBytes: source.sourceTotalBytes }),
    notes: [...run.options.prepared.notes],
    remarks: [...run.options.prepared.remarks],
    scaleAdvice: run.scaling.advice(),
    scaled: [...run.scaling.records],
    ...(run.failure === undefined ? {} : { failure: { ...run.failure, stderr: [...run.failure.stderr] } }),
  };
}

/** Tuples that its tasks have left out. */
export function skippedBy({ statuses }: JobRun): number {
  return [...statuses.values()].reduce((sum, { skippedTuples = 0 }) => sum + skippedTuples, 0);
}

/** `stragglers`: those of all stages, where they are known. */
export function viewOfTasks(run: JobRun, stragglers: readonly Straggler[] = stageNumbers(run.topology).flatMap((stage) => findStraggler(run, stage) ?? [])): TaskView[] {
  return allTasks(run.topology).map((task) => {
    const straggler = stragglers.find(({ stage, index }) => stage === task.stage && index === task.index);
    return { ...viewOfTask(run, task), ...(straggler === undefined ? {} : { holdsBack: describeStraggler(straggler) }) };
  });
}

function viewOfTask(run: JobRun, task: TaskRef): TaskView {
  const id = taskId(task);
  const status = run.statuses.get(id);
  return {
    job: run.job,
    stage: task.stage,
    name: nameOfStage(run.topology, task.stage),
    index: task.index,
    pid: status?.groups[0]?.pid ?? null,
    pids: status?.groups.map(({ pid }) => pid) ?? [],
    worker: run.workerOf(id)?.worker ?? '',
    state: status?.stalled === true ? 'stalled' : (status?.state ?? 'starting'),
    attempt: status?.attempt ?? 1,
    ...run.rates.of(task),
    skippedTuples: status?.skippedTuples ?? 0,
    log: join(logsOf(run), `${id}.log`),
  };
}

function logsOf(run: JobRun): string {
  return join(run.options.folder, 'logs');
}

export function viewOfStages(run: JobRun): JobView['stages'] {
  return stageNumbers(run.topology).map((stage) => {
    const indices = Array.from({ length: tasksOfStage(run.topology, stage) }, (_, index) => index);
    const statuses = indices.map((index) => run.statuses.get(taskId({ stage, index })));
    const rates = indices.map((index) => run.rates.of({ stage, index }));
    return {
      stage,
      name: nameOfStage(run.topology, stage),
      tasks: indices.length,
      inTuples: run.stages.passed(stage).inTuples + sumOf(statuses, (status) => status?.inTuples ?? 0),
      outTuples: run.stages.passed(stage).outTuples + sumOf(statuses, (status) => status?.outTuples ?? 0),
      inRate: sumOf(rates, ({ inRate }) => inRate),
      outRate: sumOf(rates, ({ outRate }) => outRate),
      busyShare: sumOf(rates, ({ busyShare }) => busyShare) / indices.length,
      blockedShare: sumOf(rates, ({ blockedShare }) => blockedShare) / indices.length,
      backlogBytes: sumOf(rates, ({ backlogBytes }) => backlogBytes),
    };
  });
}

export function nameOfStage(topology: Topology, stage: number): string {
  if (stage === 0) return 'source';
  return stageNumbered(topology.plan, stage)?.name ?? 'sink';
}

function sumOf<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
