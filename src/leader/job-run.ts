/**
 * One job from submission to end.
 *
 * J1 The result becomes visible only when every task has finished, and after that the job can no longer be cancelled.
 * J2 However a job ends, every worker is told to end its share, and the destination is free again, before the end is told.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import { workerRoutes } from '../control/routes.ts';
import type { WorkerInfo, WorkerReport } from '../control/schemas.ts';
import type { JobState } from '../control/views.ts';
import { parseTaskId, taskId } from '../job/task-id.ts';
import type { TaskFailure, TaskStatus } from '../job/task-status.ts';
import { allTasks, sinkStage, tasksOfStage, type Topology } from '../job/topology.ts';
import { endShares, removeJobLogs } from './clean-up.ts';
import { decideJob } from './job-decision.ts';
import type { JournaledJob } from './job-journal.ts';
import { JobMarks } from './job-marks.ts';
import { JobPlacing } from './job-placing.ts';
import { JobResult } from './job-result.ts';
import type { JobRunOptions } from './job-run-options.ts';
import { JobScaling } from './job-scaling.ts';
import { JobStages } from './job-stages.ts';
import { JobWorkers } from './job-workers.ts';
import { isSameProcess } from './membership.ts';
import type { Place } from './placement.ts';
import { Rates } from './rates.ts';
import { Rescales } from './rescales.ts';
import { StateWaiters } from './state-waiters.ts';
import { WorkerLosses } from './worker-losses.ts';

/** Publishing renames files and may flush a disk first. */
const PUBLISH_TIMEOUT_MS = 60_000;

const LET_BE_HINT = 'If no other leader has taken it over, its data folder was removed while it ran: start the job anew.';

export class JobRun {
  readonly job: string;
  readonly startedAt: Date;
  readonly scaling = new JobScaling();
  readonly marks = new JobMarks();
  readonly stages: JobStages;
  readonly waiters = new StateWaiters();
  readonly #options: JobRunOptions;
  readonly #statuses = new Map<string, TaskStatus>();
  readonly #rates = new Rates();
  readonly #result: JobResult;
  readonly #workers: JobWorkers;
  readonly #placing: JobPlacing;
  readonly #rescales: Rescales;
  readonly #losses: WorkerLosses;
  #state: JobState = 'waiting';
  #failure: TaskFailure | undefined;
  #endedAt: Date | undefined;
  #publishing = false;
  #ending = false;

  constructor(options: JobRunOptions) {
    this.#options = options;
    this.job = options.job;
    this.startedAt = options.startedAt;
    this.scaling.listen((event) => this.marks.scaling(event));
    this.stages = new JobStages({ plan: options.prepared.plan, parts: options.prepared.sink.kind === 'folder' });
    this.#result = new JobResult(options.prepared.sink, tasksOfStage(this.topology, sinkStage(this.topology)));
    this.#workers = new JobWorkers(options.connect, options.journal.term, options.clock);
    this.#placing = new JobPlacing({ ...options, stages: this.stages, workers: this.#workers, statuses: this.#statuses, ending: () => this.#ending });
    this.#losses = new WorkerLosses({ ...options, topology: this.topology, workers: this.#workers, placing: this.#placing, statuses: this.#statuses });
    this.#rescales = new Rescales({
      ...options, stages: this.stages, placing: this.#placing, statuses: this.#statuses,
      hasStore: options.prepared.store !== undefined,
      running: () => this.#state === 'running' && !this.#ending,
      guard: (action) => this.#failOnError(action),
    });
  }

  /** As it is by now: stages may have got other numbers of tasks. */
  get topology(): Topology {
    return this.stages.topology;
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

  /** The worker that hosts a task; undefined before tasks are placed, and for a task that is hosted no more. */
  workerOf(task: string): WorkerInfo | undefined {
    const name = this.#placing.workerOf(task);
    return name === undefined ? undefined : this.#workers.find(name);
  }

  /** The tasks that a worker hosts, but for those that have finished. */
  tasksOn(worker: string): Place[] {
    return this.#placing.placesOn(worker).filter((place) => this.#statuses.get(taskId(place))?.state !== 'finished');
  }

  /** Places the tasks on these workers and starts them. What goes wrong fails the job. */
  async start(workers: readonly WorkerInfo[]): Promise<void> {
    await this.#failOnError(async () => {
      this.#placing.place(workers);
      await this.#result.begin();
      if (this.#ending) return;
      const placement = allTasks(this.topology).map((task) => [taskId(task), this.#placing.workerOf(taskId(task))]);
      this.#options.log.text('START', `job=${this.job} placement=${JSON.stringify(Object.fromEntries(placement))}`);
      this.#setState('running');
      await this.#placing.settle();
    });
  }

  /** Goes on with what another leader has begun. `isThere`: whether a worker of it is to be gone on with. */
  async resume({ placed, ended }: JournaledJob, isThere: (worker: WorkerInfo) => boolean): Promise<void> {
    invariant(placed !== undefined, 'a job that was never placed is begun anew');
    await this.#failOnError(async () => {
      this.#placing.resume(placed);
      this.#options.log.text('RESUME', `job=${this.job} term=${this.#options.journal.term} placement=${placed.version}`);
      this.#setState('running');
      if (ended !== undefined) return this.#conclude(ended.state, ended.failure);
      const gone = this.#workers.all.filter((worker) => !isThere(worker));
      for (const worker of gone) await this.#losses.take(worker, 'went away with its leader');
      await this.#placing.settle();
    });
  }

  /** Fails the job before or while it runs. */
  async fail(error: RainstormError, stderr: readonly string[] = []): Promise<void> {
    if (isDeposal(error)) return this.#letBe(error);
    await this.#conclude('failed', { code: error.code, message: error.message, hint: error.hint, stderr });
  }

  /** A worker's word on its tasks. `version`: see J7. `failure`: it cannot reach another worker. */
  async report({ version, tasks, failure }: WorkerReport['jobs'][number], now: number): Promise<void> {
    if (this.#ending || version !== this.#placing.version) return;
    for (const status of tasks as TaskStatus[]) {
      this.#statuses.set(taskId(status), status);
      this.marks.heard(status, this.#placing.workerOf(taskId(status)) ?? '');
      this.#rates.update(status, now);
      this.#losses.update(status);
    }
    if (failure !== undefined) return this.fail(new RainstormError(failure.code, failure.message));
    this.#rescales.look();
    const decision = decideJob([...this.#statuses.values()], allTasks(this.topology).length);
    if (decision.kind === 'fail') {
      await this.#conclude('failed', decision.failure);
    } else if (decision.kind === 'publish' && this.#placing.complete && (this.#state === 'running' || this.#state === 'publishing')) {
      await this.#publish();
    }
  }

  /** A worker is gone, and with it what it hosted: others go on with that, or the job fails. */
  async workerLost(worker: WorkerInfo, why: string): Promise<void> {
    // It may have said anew who it is: the command with the streams does after it has submitted its job.
    const mine = this.#workers.find(worker.worker);
    if (this.#ending || mine === undefined || !isSameProcess(mine, worker)) return;
    this.marks.add({ kind: 'worker', worker: worker.worker, text: `worker ${worker.worker} ${why}` });
    await this.#failOnError(async () => {
      await this.#losses.take(worker, why);
      await this.#placing.settle();
    });
  }

  /** J1: gives false when the job has ended or is being published. */
  async cancel(): Promise<boolean> {
    if (this.#ending || this.#state === 'publishing') return false;
    await this.#conclude('cancelled');
    return true;
  }

  /** Gives a stage another number of tasks. Resolves when it has them, or the job has ended. Rejects with NOT_SCALABLE. */
  scale(stage: number, tasks: number): Promise<void> {
    return this.#rescales.scale(stage, tasks);
  }

  /** `how` it came to be killed, for people. */
  async killTask(task: string, how: string): Promise<number> {
    const worker = this.workerOf(task);
    if (worker === undefined) throw new RainstormError('UNKNOWN_TASK', `job ${this.job} has no running task ${task}`);
    const reply = await this.#workers.client(worker).call(workerRoutes.killTask, undefined, { params: { job: this.job, task } });
    this.#options.log.text('KILLED', `task=${task} pid=${reply.pid} ${how}`);
    this.marks.add({ kind: 'kill', ...parseTaskId(task), worker: worker.worker, text: `task ${task} was killed ${how}` });
    return reply.pid;
  }

  /** Kills this machine's workers of the job and their operators, telling nobody. */
  killOperators(): void {
    this.#losses.killAll();
  }

  /** Resolves at the next change of state, or as soon as the signal is aborted. */
  change(signal: AbortSignal): Promise<void> {
    return this.waiters.next(signal);
  }

  /** A worker that is lost meanwhile is made good first; then every task has finished once more, and this is called again. */
  async #publish(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    this.#setState('publishing');
    await this.#failOnError(async () => {
      const options = { params: { job: this.job }, timeoutMs: PUBLISH_TIMEOUT_MS };
      const tellAll = () => this.#workers.tell((client, query) => client.call(workerRoutes.publish, undefined, { ...options, query }), () => !this.#ending);
      if (await this.#result.publish(tellAll)) await this.#conclude('done');
    });
    this.#publishing = false;
  }

  /** J5: an end is written down first. What cannot be written down any more is done all the same, unless it is another's to do. */
  async #conclude(state: EndState, failure?: TaskFailure): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#failure = failure;
    try {
      await this.#options.journal.append({ kind: 'ended', state, ...(failure === undefined ? {} : { failure: { ...failure, stderr: [...failure.stderr] } }) });
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      if (isDeposal(error)) return this.#letBe(error);
      this.#options.log.text('NOTE', `the end of the job could not be written down: ${error.message}`);
    }
    await this.#end(state);
  }

  /** J6: another leader has the job, or has had it and ended it; nothing of it is touched any more. */
  async #letBe(error: RainstormError): Promise<void> {
    this.#ending = true;
    this.#failure = { code: 'DEPOSED', message: `job ${this.job} is let be, since its journal is another leader's or gone: ${error.message}`, hint: LET_BE_HINT, stderr: [] };
    this.#options.log.text('NOTE', this.#failure.message);
    await this.#options.journal.close();
    this.#endedAt = new Date();
    this.#setState('failed');
  }

  /** J2 */
  async #end(state: EndState): Promise<void> {
    this.#rescales.end();
    await endShares({ ...this.#options, workers: this.#workers });
    if (state !== 'done') await this.#result.abandon();
    await removeJobLogs(this.#options);
    await this.#options.prepared.lock.release();
    this.#endedAt = new Date();
    this.#options.log.text('END', `job=${this.job} state=${state}${this.#failure === undefined ? '' : ` reason=${this.#failure.message}`}`);
    // What `ended` writes tells the state, so it comes first; who waits for the end must find it written.
    this.#state = state;
    this.marks.state(state, this.#failure?.message);
    await this.#options.ended();
    await this.#options.journal.close();
    this.#setState(state);
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
    this.marks.state(state, this.#failure?.message);
    this.waiters.wake();
  }
}

type EndState = Extract<JobState, 'done' | 'failed' | 'cancelled'>;

function isDeposal(error: RainstormError): boolean {
  return error.code === 'DEPOSED';
}
