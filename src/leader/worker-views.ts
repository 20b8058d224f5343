/** What users see of the workers: who is a member, what each last said that it takes of its machine, and what it hosts. */
import type { WorkerInfo, WorkerReport } from '../control/schemas.ts';
import type { WorkerView } from '../control/views.ts';
import type { JobRun } from './job-run.ts';

type Usage = NonNullable<WorkerReport['usage']>;

const NOT_HEARD: Usage = { cpuShare: 0, memoryBytes: 0, operatorsMeasured: false };

export class WorkerUsages {
  readonly #usages = new Map<string, Usage>();

  heard(worker: string, usage: Usage | undefined): void {
    if (usage !== undefined) this.#usages.set(worker, usage);
  }

  forget(worker: string): void {
    this.#usages.delete(worker);
  }

  of(worker: string): Usage {
    return this.#usages.get(worker) ?? NOT_HEARD;
  }
}

/** In the order of names, a job's command last. */
export function viewOfWorkers(members: readonly WorkerInfo[], usages: WorkerUsages, runs: readonly JobRun[]): WorkerView[] {
  const live = runs.filter(({ endedAt }) => endedAt === undefined);
  const views = members.map(({ worker, url, hostname, pid, edgeOfJob }): WorkerView => {
    const hosted = live.map((run) => ({ job: run.job, tasks: run.tasksOn(worker).length })).filter(({ tasks }) => tasks > 0);
    return {
      worker, url, hostname, pid,
      edge: edgeOfJob !== undefined,
      ...usages.of(worker),
      tasks: hosted.reduce((sum, { tasks }) => sum + tasks, 0),
      jobs: hosted.map(({ job }) => job),
    };
  });
  return views.toSorted((a, b) => Number(a.edge) - Number(b.edge) || a.worker.localeCompare(b.worker, 'en', { numeric: true }));
}
