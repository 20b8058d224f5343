/**
 * Where the tasks of one job are, and that every worker knows it.
 *
 * J3 A deployment says everything, and each has a greater version than the one before. Nothing is started by it before every
 *    worker has it, but for operators that have no other attempt anywhere: those of the first, and the first attempts of a
 *    stage's next generation.
 * J4 A task is placed again only after the worker that had it was seen dead, and under a greater attempt.
 * J7 Only what workers say of the last deployment counts: who was declared lost may live on with an older one, and be heard
 *    of by a leader that does not know, and what it says of its tasks is not true of those that others have by now.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { invariant } from '../base/errors.ts';
import type { EventLog } from '../base/event-log.ts';
import { workerRoutes } from '../control/routes.ts';
import type { Deployment, WorkerInfo } from '../control/schemas.ts';
import { taskId } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { allTasks } from '../job/topology.ts';
import { channelWindowBytes } from '../job/windows.ts';
import type { JobJournal, Placed } from './job-journal.ts';
import type { JobStages } from './job-stages.ts';
import type { JobWorkers } from './job-workers.ts';
import { placeStage, placeTasks, replaceTasks, type Place } from './placement.ts';
import type { PreparedJob } from './prepare-job.ts';

export interface JobPlacingOptions {
  readonly job: string;
  /** Folder of the tuples that tasks leave out. */
  readonly deadLetters: string;
  readonly prepared: PreparedJob;
  readonly stages: JobStages;
  readonly edge: WorkerInfo | undefined;
  readonly workers: JobWorkers;
  readonly log: Pick<EventLog, 'text'>;
  readonly journal: JobJournal;
  /** Workers that take tasks, at least one. Throws NO_WORKERS when none comes. */
  readonly liveWorkers: () => Promise<readonly WorkerInfo[]>;
  /** What the workers have said of the tasks; that of a task which is placed again is removed. */
  readonly statuses: Map<string, TaskStatus>;
  /** The job is ending: no more is placed. */
  readonly ending: () => boolean;
}

export class JobPlacing {
  readonly #options: JobPlacingOptions;
  #secret = randomBytes(32).toString('hex');
  #places: readonly Place[] = [];
  /** By task. */
  #hosts = new Map<string, string>();
  #version = 0;
  /** The version that every worker has, and has started. */
  #told = 0;
  /** The version that the journal has. */
  #recorded = 0;
  #windowBytes = 1;
  #settling: Promise<void> | undefined;

  constructor(options: JobPlacingOptions) {
    this.#options = options;
  }

  /** Of the last deployment. */
  get version(): number {
    return this.#version;
  }

  /** The worker that hosts a task; undefined before tasks are placed, and for a task that is hosted no more. */
  workerOf(task: string): string | undefined {
    return this.#hosts.get(task);
  }

  /** Every task that has a place is on a worker that is there. */
  get complete(): boolean {
    return this.#homeless().length === 0;
  }

  placesOn(worker: string): Place[] {
    return this.#places.filter((place) => place.worker === worker);
  }

  /** The first places of all tasks. */
  place(live: readonly WorkerInfo[]): void {
    const { prepared, edge, workers } = this.#options;
    const { topology } = this.#options.stages;
    const edgePlace = edge === undefined ? undefined : { worker: edge.worker, source: prepared.source.kind === 'stdin', sink: prepared.sink.kind === 'stdout' };
    this.#take(placeTasks({ topology, workers: live.map((info) => info.worker), edge: edgePlace }), [...live, ...(edge === undefined ? [] : [edge])]);
    this.#divideBudget();
    invariant(workers.all.length > 0, 'a job runs on at least one worker');
  }

  /** Goes on from what another leader has placed; its workers are taken as they were. */
  resume({ version, secret, windowBytes, places, workers, over, rescaled, rescaling }: Placed): void {
    this.#options.stages.restore(rescaled, rescaling);
    this.#secret = secret;
    this.#windowBytes = windowBytes;
    this.#version = version;
    for (const status of over) this.#options.statuses.set(taskId(status), status);
    this.#take(places, workers);
  }

  /**
   * Brings every worker to what is placed, and places again what has lost its worker, until both hold. Called anew while it
   * is under way, it waits for that, which sees to it. Throws what makes it impossible.
   */
  async settle(): Promise<void> {
    do {
      this.#settling ??= this.#settle().finally(() => {
        this.#settling = undefined;
      });
      await this.#settling;
      // What was under way may have been at its very end.
    } while (!this.#options.ending() && (this.#told !== this.#version || !this.complete));
  }

  /** How many tasks a stage has, or is to have, is another: workers are told by the next `settle`. */
  stagesChanged(): void {
    this.#version += 1;
  }

  /** Places the tasks of a stage's next generation, unless `isDue` does not hold any more. Throws NO_WORKERS. */
  async advance(isDue: () => boolean): Promise<boolean> {
    const { stages, statuses, liveWorkers, log, job, ending } = this.#options;
    let live: readonly WorkerInfo[];
    do {
      if (!this.complete) await this.#placeAgain();
      live = await liveWorkers();
      if (ending()) return false;
    } while (!this.complete);
    if (!isDue()) return false;
    const stage = stages.advance(statuses.values());
    for (const [id, status] of statuses) if (status.stage === stage) statuses.delete(id);
    const places = placeStage({ topology: stages.topology, workers: live.map((info) => info.worker), places: this.#places, stage });
    this.#take(places, live);
    this.#divideBudget();
    log.text('PLACE', `job=${job} version=${this.#version} ${places.filter((place) => place.stage === stage).map((place) => `${taskId(place)} on ${place.worker}`).join(', ')}`);
    return true;
  }

  async #settle(): Promise<void> {
    while (!this.#options.ending()) {
      if (!this.complete) await this.#placeAgain();
      const version = this.#version;
      await this.#record();
      if (this.#version === version && (await this.#tellAll()) && this.complete && this.#version === version) {
        this.#told = version;
        return;
      }
    }
  }

  /** J5 */
  async #record(): Promise<void> {
    if (this.#recorded === this.#version) return;
    const version = this.#version;
    const { journal, stages, statuses, workers } = this.#options;
    const { topology } = stages;
    const over = allTasks(topology).flatMap((task) => (this.workerOf(taskId(task)) === undefined ? (statuses.get(taskId(task)) ?? []) : []));
    await journal.append({
      kind: 'placed', version, secret: this.#secret, windowBytes: this.#windowBytes, workers: workers.all,
      places: this.#places.map((place) => ({ ...place })), over: over.map((status) => ({ ...status, groups: [], failure: undefined })),
      rescaled: stages.rescaled, ...(topology.rescaling === undefined ? {} : { rescaling: topology.rescaling }),
    });
    this.#recorded = version;
  }

  /** J3 */
  async #tellAll(): Promise<boolean> {
    const { job, workers, ending } = this.#options;
    const deployment = this.#deployment();
    const { version } = deployment;
    const isCurrent = () => !ending() && this.complete && this.#version === version;
    if (!(await workers.tell((client) => client.call(workerRoutes.deploy, deployment), isCurrent))) return false;
    return workers.tell((client, from) => client.call(workerRoutes.start, undefined, { params: { job }, query: from }), isCurrent);
  }

  #homeless(): Place[] {
    return this.#places.filter((place) => !this.#options.workers.has(place.worker));
  }

  /** J4 */
  async #placeAgain(): Promise<void> {
    const { stages: { topology }, statuses, log, liveWorkers, ending } = this.#options;
    const live = await liveWorkers();
    if (ending()) return;
    const homeless = new Set(this.#homeless());
    const places = replaceTasks({
      topology,
      workers: live.map((info) => info.worker),
      places: this.#places,
      stays: (place) => !homeless.has(place),
      finished: (task) => statuses.get(task)?.state === 'finished',
      lastAttempt: (place) => Math.max(place.attempt, statuses.get(taskId(place))?.attempt ?? 0),
    });
    const moved = places.filter((place) => !this.#places.includes(place));
    for (const place of moved) statuses.delete(taskId(place));
    this.#take(places, live);
    log.text('PLACE', `job=${this.#options.job} version=${this.#version} ${moved.map((place) => `${taskId(place)}: attempt ${place.attempt} on ${place.worker}`).join(', ')}`);
  }

  #take(places: readonly Place[], infos: readonly WorkerInfo[]): void {
    const { workers } = this.#options;
    this.#places = places;
    this.#hosts = new Map(places.map((place) => [taskId(place), place.worker]));
    this.#version += 1;
    const used = new Set(places.map((place) => place.worker));
    for (const info of infos) if (used.has(info.worker) && !workers.has(info.worker)) workers.add(info);
  }

  /** Among the channels of tasks that have a place: the others have ended. */
  #divideBudget(): void {
    const { topology } = this.#options.stages;
    const hosted = allTasks(topology).filter((task) => this.#hosts.has(taskId(task)));
    this.#windowBytes = channelWindowBytes(topology, hosted, (task) => this.#hosts.get(task) as string);
  }

  #deployment(): Deployment {
    const { job, prepared, workers, stages } = this.#options;
    const { plan, rescaling } = stages.topology;
    return {
      job,
      term: this.#options.journal.term,
      version: this.#version,
      secret: this.#secret,
      plan: plan as Deployment['plan'],
      source: prepared.source,
      sink: prepared.sink,
      workers: workers.all.map((info) => ({ worker: info.worker, data: info.data, edge: info.edgeOfJob !== undefined })),
      placement: this.#places.map((place) => ({ ...place })),
      windowBytes: this.#windowBytes,
      deadLetters: resolve(this.#options.deadLetters),
      ...(rescaling === undefined ? {} : { rescaling }),
      ...(prepared.store === undefined ? {} : { store: prepared.store }),
    };
  }
}
