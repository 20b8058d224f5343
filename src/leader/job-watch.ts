/** What is measured of jobs each second, once for everybody who wants to know: clients, the log, the history. */
import type { HistoryView, JobView, TaskView } from '../control/views.ts';
import { stageNumbers } from '../job/topology.ts';
import { pointsKept, recorded, viewOfHistory, type History } from './history.ts';
import type { JobRun } from './job-run.ts';
import { viewOfStages, viewOfTasks } from './job-view.ts';
import { findStraggler, type Straggler } from './stragglers.ts';

/** One look at a job. What nobody asks for is not worked out. */
export class JobLook {
  /** Since the Unix epoch, in milliseconds. */
  readonly atMs: number;
  readonly stages: JobView['stages'];
  readonly stragglers: readonly Straggler[];
  readonly #run: JobRun;
  #tasks: TaskView[] | undefined;

  constructor(run: JobRun, atMs: number) {
    this.#run = run;
    this.atMs = atMs;
    this.stages = viewOfStages(run);
    this.stragglers = stageNumbers(run.topology).flatMap((stage) => findStraggler(run, stage) ?? []);
  }

  get tasks(): readonly TaskView[] {
    this.#tasks ??= viewOfTasks(this.#run, this.stragglers);
    return this.#tasks;
  }
}

export class JobWatch {
  readonly run: JobRun;
  readonly #listeners = new Set<(look: JobLook) => void>();
  #history: History | undefined;
  #last: JobLook | undefined;

  constructor(run: JobRun) {
    this.run = run;
  }

  /** The newest; there is none before the job runs. */
  get last(): JobLook | undefined {
    return this.#last;
  }

  /** To be called each second while the job runs. */
  look(atMs: number): void {
    const look = new JobLook(this.run, atMs);
    const points = look.stages.map(({ stage, tasks, inRate, outRate, busyShare, blockedShare, backlogBytes }) => ({ stage, tasks, inRate, outRate, busyShare, blockedShare, backlogBytes }));
    this.#last = look;
    this.#history = recorded(this.#history, { atMs, stages: points }, pointsKept(points.length));
    for (const listener of this.#listeners) listener(look);
  }

  history(): HistoryView {
    const { marks } = this.run;
    return viewOfHistory(this.#history, [...marks.all], marks.lost);
  }

  /** Calls it with every look from now on; gives the way to end that. */
  listen(listener: (look: JobLook) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** Those of a leader's jobs. */
export class JobWatches {
  readonly #watches = new WeakMap<JobRun, JobWatch>();

  of(run: JobRun): JobWatch {
    const known = this.#watches.get(run);
    if (known !== undefined) return known;
    const watch = new JobWatch(run);
    this.#watches.set(run, watch);
    return watch;
  }

  /** To be called each second, with all jobs. Gives the watches of those that run. */
  look(runs: readonly JobRun[], atMs: number): JobWatch[] {
    const watches = runs.filter(({ state }) => state === 'running').map((run) => this.of(run));
    for (const watch of watches) watch.look(atMs);
    return watches;
  }
}
