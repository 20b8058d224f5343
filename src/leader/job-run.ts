/**
 * One job from submission to end.
 *
 * J1 The result becomes visible only when every task has finished, and after that the job can no longer be cancelled.
 * J2 However a job ends, every worker is told to end its share, and the destination is free again, before the end is told.
 */
import { randomBytes } from 'node:crypto';
import { RainstormError, invariant } from '../base/errors.ts';
import type { EventLog } from '../base/event-log.ts';
import { ControlClient } from '../control/client.ts';
import { workerRoutes } from '../control/routes.ts';
import type { Deployment, JobState, WorkerInfo } from '../control/schemas.ts';
import { taskId } from '../job/task-id.ts';
import type { GroupIdentity, TaskFailure, TaskStatus } from '../job/task-status.ts';
import { allTasks, sinkStage, tasksOfStage, type Topology } from '../job/topology.ts';
import { decideJob } from './job-decision.ts';
import { JobResult } from './job-result.ts';
import { placeTasks } from './placement.ts';
import type { PreparedJob } from './prepare-job.ts';
import { Rates } from './rates.ts';
import { reapWorker } from './reap-groups.ts';

/** Publishing renames files and may flush a disk first. */
const PUBLISH_TIMEOUT_MS = 60_000;

export interface JobRunOptions {
  readonly job: string;
  readonly prepared: PreparedJob;
  readonly token: string;
  readonly log: EventLog;
  /** The command with the user's streams. */
  readonly edge: WorkerInfo | undefined;
  readonly dest: string;
  readonly logs: string;
  /** The job has ended and everything of it is cleaned up. */
  readonly ended: (run: JobRun) => Promise<void>;
}

export class JobRun {
  readonly job: string;
  readonly topology: Topology;
  readonly startedAt = new Date();
  readonly #options: JobRunOptions;
  readonly #statuses = new Map<string, TaskStatus>();
  readonly #rates = new Rates();
  readonly #result: JobResult;
  readonly #workers = new Map<string, WorkerInfo>();
  #placement: ReadonlyMap<string, string> = new Map();
  #state: JobState = 'waiting';
  #failure: TaskFailure | undefined;
  #endedAt: Date | undefined;
  #ending = false;
  #waiters: (() => void)[] = [];

  constructor(options: JobRunOptions) {
    this.#options = options;
    this.job = options.job;
    this.topology = { plan: options.prepared.plan, parts: options.prepared.sink.kind === 'folder' };
    this.#result = new JobResult(options.prepared.sink, tasksOfStage(this.topology, sinkStage(this.topology)));
  }

  get state(): JobState {
    return this.#state;
  }

  get failure(): TaskFailure | undefined {
    return this.#failure;
  }

  get endedAt(): Date | undefined {
    return this.#endedAt;
  }

  get statuses(): ReadonlyMap<string, TaskStatus> {
    return this.#statuses;
  }

  get rates(): Rates {
    return this.#rates;
  }

  get options(): JobRunOptions {
    return this.#options;
  }

  /** The worker that hosts a task; undefined before tasks are placed. */
  workerOf(task: string): WorkerInfo | undefined {
    const name = this.#placement.get(task);
    return name === undefined ? undefined : this.#workers.get(name);
  }

  /** Places the tasks on these workers and starts them. What goes wrong fails the job. */
  async start(workers: readonly WorkerInfo[]): Promise<void> {
    await this.#failOnError(async () => {
      const deployment = this.#deploymentOn(workers);
      await this.#result.begin();
      await this.#onAllWorkers((client) => client.call(workerRoutes.deploy, deployment));
      if (this.#ending) return;
      this.#setState('running');
      this.#options.log.text('START', `job=${this.job} placement=${JSON.stringify(Object.fromEntries(this.#placement))}`);
      await this.#onAllWorkers((client) => client.call(workerRoutes.start, undefined, { params: { job: this.job } }));
    });
  }

  /** Fails the job before or while it runs. */
  async fail(error: RainstormError, stderr: readonly string[] = []): Promise<void> {
    this.#failure ??= { code: error.code, message: error.message, hint: error.hint, stderr };
    await this.#end('failed');
  }

  /** A worker's word on its tasks. `failure`: it cannot reach another worker. */
  async report(statuses: readonly TaskStatus[], now: number, failure: { code: RainstormError['code']; message: string } | undefined): Promise<void> {
    if (this.#ending) return;
    for (const status of statuses) {
      this.#statuses.set(taskId(status), status);
      this.#rates.update(status, now);
    }
    if (failure !== undefined) return this.fail(new RainstormError(failure.code, failure.message));
    const decision = decideJob([...this.#statuses.values()], allTasks(this.topology).length);
    if (decision.kind === 'fail') {
      this.#failure = decision.failure;
      await this.#end('failed');
    } else if (decision.kind === 'publish' && this.#state === 'running') {
      await this.#publish();
    }
  }

  /** A worker is gone, and with it what it hosted. */
  async workerLost(worker: WorkerInfo, why: string): Promise<void> {
    if (!this.#workers.has(worker.worker) || this.#ending) return;
    reapWorker(worker, this.#groupsOn(worker));
    this.#workers.delete(worker.worker);
    await this.fail(new RainstormError('WORKER_LOST', `worker ${worker.worker} ${why}; it hosted task ${this.#tasksOn(worker).join(', ')}`));
  }

  /** J1: gives false when the job has ended or is being published. */
  async cancel(): Promise<boolean> {
    if (this.#ending || this.#state === 'publishing') return false;
    await this.#end('cancelled');
    return true;
  }

  async killTask(task: string): Promise<number> {
    const worker = this.workerOf(task);
    if (worker === undefined) throw new RainstormError('UNKNOWN_TASK', `job ${this.job} has no running task ${task}`);
    const reply = await this.#client(worker).call(workerRoutes.killTask, undefined, { params: { job: this.job, task } });
    this.#options.log.text('KILLED', `task=${task} pid=${reply.pid} on request`);
    return reply.pid;
  }

  /** Kills this machine's workers of the job and their operators, telling nobody. */
  killOperators(): void {
    for (const worker of this.#workers.values()) reapWorker(worker, this.#groupsOn(worker));
  }

  /** Resolves at the next change of state. */
  change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push(resolve);
    return promise;
  }

  #tasksOn(worker: WorkerInfo): string[] {
    return [...this.#placement].filter(([, name]) => name === worker.worker).map(([task]) => task);
  }

  #groupsOn(worker: WorkerInfo): GroupIdentity[] {
    return this.#tasksOn(worker).flatMap((task) => this.#statuses.get(task)?.groups ?? []);
  }

  #deploymentOn(workers: readonly WorkerInfo[]): Deployment {
    const { prepared, edge } = this.#options;
    const edgePlace = edge === undefined ? undefined : { worker: edge.worker, source: prepared.source.kind === 'stdin', sink: prepared.sink.kind === 'stdout' };
    const placement = placeTasks({ topology: this.topology, workers: workers.map((info) => info.worker), edge: edgePlace });
    this.#placement = new Map(placement.map((place) => [taskId(place), place.worker]));
    const used = new Set(this.#placement.values());
    for (const info of [...workers, ...(edge === undefined ? [] : [edge])]) if (used.has(info.worker)) this.#workers.set(info.worker, info);
    return {
      job: this.job,
      secret: randomBytes(32).toString('hex'),
      plan: prepared.plan as Deployment['plan'],
      source: prepared.source,
      sink: prepared.sink,
      workers: [...this.#workers.values()].map((info) => ({ worker: info.worker, data: info.data, edge: info.edgeOfJob !== undefined })),
      placement,
      ...(prepared.store === undefined ? {} : { store: prepared.store }),
    };
  }

  async #publish(): Promise<void> {
    this.#setState('publishing');
    await this.#failOnError(async () => {
      const options = { params: { job: this.job }, timeoutMs: PUBLISH_TIMEOUT_MS };
      await this.#result.publish(() => this.#onAllWorkers((client) => client.call(workerRoutes.publish, undefined, options)));
      await this.#end('done');
    });
  }

  /** J2 */
  async #end(state: Extract<JobState, 'done' | 'failed' | 'cancelled'>): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    await Promise.all([...this.#workers.values()].map((info) => this.#endOn(info)));
    if (state !== 'done') await this.#result.abandon();
    await this.#options.prepared.lock.release();
    this.#endedAt = new Date();
    this.#options.log.text('END', `job=${this.job} state=${state}${this.#failure === undefined ? '' : ` reason=${this.#failure.message}`}`);
    // What `ended` writes tells the state, so it comes first; who waits for the end must find it written.
    this.#state = state;
    await this.#options.ended(this);
    this.#setState(state);
  }

  /** A worker that cannot be told ends its share by itself, when the leader no longer knows the job. */
  async #endOn(info: WorkerInfo): Promise<void> {
    try {
      await this.#client(info).call(workerRoutes.end, undefined, { params: { job: this.job } });
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      this.#options.log.text('NOTE', `worker ${info.worker} could not be told that the job has ended: ${error.message}`);
    }
  }

  async #onAllWorkers(call: (client: ControlClient) => Promise<unknown>): Promise<void> {
    invariant(this.#workers.size > 0, 'a job runs on at least one worker');
    await Promise.all([...this.#workers.values()].map((info) => call(this.#client(info))));
  }

  #client(worker: WorkerInfo): ControlClient {
    return new ControlClient(worker.url, this.#options.token);
  }

  async #failOnError(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      await this.fail(error);
    }
  }

  #setState(state: JobState): void {
    this.#state = state;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

