/** The leader: knows the workers, places jobs on them, watches, and says how each job ended. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { EventLog } from '../base/event-log.ts';
import { processStartTime } from '../base/process-identity.ts';
import { ControlClient } from '../control/client.ts';
import type { Submission, WorkerInfo, WorkerReport } from '../control/schemas.ts';
import type { WorkerView } from '../control/views.ts';
import { jobFolder, prepareDataDir, writeJobFile, writeLeaderFile } from './job-folder.ts';
import { Autoscaler } from './autoscaler.ts';
import { pruneBeside, recordEnd } from './ended-job.ts';
import { EndedJobs } from './ended-jobs.ts';
import type { KeepLimits } from './keep-limits.ts';
import { killWorker } from './kill-worker.ts';
import { JobJournal, type Submitted } from './job-journal.ts';
import { ownStore, removeJobLogs, removeLogsOf } from './job-logs.ts';
import { JobRun } from './job-run.ts';
import type { JobRunOptions } from './job-run-options.ts';
import { viewOfJob } from './job-view.ts';
import { viewsOf } from './views-of-job.ts';
import { JobWatches, type JobWatch } from './job-watch.ts';
import { RateLog } from './rate-log.ts';
import { isSameProcess } from './membership.ts';
import { prepareJob, releasing } from './prepare-job.ts';
import { takeOver } from './take-over.ts';
import { systemKiller } from './worker-killer.ts';
import { NO_WORKERS_HINT, WORKER_LEASE_MS, WORKERS_WAIT_MS, WorkerPool } from './worker-pool.ts';
import { viewOfWorkers } from './worker-views.ts';

/** Leases and jobs are looked at this often. */
const TICK_MS = 1_000;

/** A standing leader forgets older ended jobs; their folders have a limit of their own. */
const MAX_ENDED_JOBS = 100;

export interface LeaderOptions {
  readonly dataDir: string;
  readonly token: string;
  readonly clock: Clock;
  readonly keep: KeepLimits;
  /** Whoever started the workers starts another for each that is lost. */
  readonly replacesWorkers: boolean;
  /** Jobs are to be taken over first; `resumed` says when they have been. */
  readonly resumes?: boolean;
}

export class Leader {
  /** What is kept of jobs that it does not know any more, or never did. */
  readonly ended: EndedJobs;
  readonly #options: LeaderOptions;
  readonly #pool: WorkerPool;
  readonly #watches = new JobWatches();
  readonly #looked = new Set<() => void>();
  readonly #runs = new Map<string, JobRun>();
  readonly #log: EventLog;
  readonly #rateLog: RateLog;
  readonly #autoscaler: Autoscaler;
  readonly #closed = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #url = '';

  private constructor(options: LeaderOptions) {
    this.#options = options;
    this.ended = new EndedJobs(options.dataDir);
    this.#pool = new WorkerPool(options.clock, options.replacesWorkers);
    this.#log = new EventLog(join(options.dataDir, 'logs', 'leader.log'));
    this.#rateLog = new RateLog(this.#log);
    this.#autoscaler = new Autoscaler(this.#log);
  }

  static async start(options: LeaderOptions): Promise<Leader> {
    await prepareDataDir(options.dataDir);
    const leader = new Leader(options);
    if (!options.resumes) leader.resumed();
    void leader.#tickOn();
    return leader;
  }

  get log(): EventLog {
    return this.#log;
  }

  /** Resolves when it knows its jobs: until then nobody is answered, since a worker that hears of no jobs leaves them. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Every job that was to be taken over has been. */
  resumed(): void {
    this.#isReady = true;
    this.#ready.resolve();
  }

  /** Where its HTTP server answers; other commands find it by this. */
  listensAt(url: string): void {
    this.#url = url;
    this.#log.text('START', `leader pid=${process.pid} url=${url}`);
  }

  register(info: WorkerInfo): void {
    const before = this.#pool.members.find(info.worker);
    if (before !== undefined && !isSameProcess(before, info)) void this.workerGone(info.worker, `was started again as process ${info.pid}`);
    this.#pool.register(info);
    this.#log.text('NOTE', `worker ${info.worker} joined: pid=${info.pid} url=${info.url}`);
    if (info.edgeOfJob === undefined) for (const run of this.#live()) run.marks.add({ kind: 'worker', worker: info.worker, text: `worker ${info.worker} joined` });
  }

  /** Gives the jobs that still live, so that the worker can end the others. Throws UNKNOWN_WORKER for one that is no member. */
  async report(worker: string, report: WorkerReport): Promise<string[]> {
    const now = this.#options.clock.now();
    if (!this.#pool.members.heard(worker, now)) {
      throw new RainstormError('UNKNOWN_WORKER', `worker ${worker} is not known here`);
    }
    this.#pool.usages.heard(worker, report.usage);
    for (const job of report.jobs) void this.#runs.get(job.job)?.report(job, now);
    return this.liveJobs();
  }

  liveJobs(): string[] {
    return this.#live().map((run) => run.job);
  }

  /** Checks and plans a job, then starts it as soon as its workers are there. Throws what is wrong with the job. */
  async submit(submission: Submission): Promise<JobRun> {
    const { job, edgeWorker } = submission;
    if (this.#runs.has(job)) throw new RainstormError('USAGE', `there is a job ${job} already`);
    const folder = jobFolder(this.#options.dataDir, job);
    const prepared = await prepareJob(submission, ownStore(folder));
    const { lock, ...facts } = prepared;
    const startedAt = new Date();
    const journal = await releasing(lock, () => JobJournal.open(folder, submission.spec.durability));
    await releasing(lock, () => journal.append({ kind: 'submitted', submission, startedAt: startedAt.toISOString(), ...facts, notes: [...facts.notes], remarks: [...facts.remarks] } as Submitted));
    if (edgeWorker !== undefined) this.#pool.register(edgeWorker);
    const run = await this.#lead(submission, { prepared, journal, startedAt });
    void this.#startWhenReady(run, submission.workers);
    return run;
  }

  /**
   * Goes on with a job whose leader has died. `keepWorkers`: those of its workers that live go on as well; otherwise they
   * are killed. Throws UNKNOWN_JOB, or NOT_RESUMABLE.
   */
  async resume(job: string, keepWorkers: boolean): Promise<JobRun> {
    const { journal, journaled, prepared } = await takeOver(this.#options.dataDir, job, keepWorkers);
    const { submission, startedAt } = journaled.submitted;
    const run = await this.#lead(submission, { prepared, journal, startedAt: new Date(startedAt) });
    if (journaled.placed === undefined) {
      void this.#startWhenReady(run, submission.workers);
      return run;
    }
    if (keepWorkers) for (const info of journaled.placed.workers) this.#pool.register(info);
    void run.resume(journaled, (worker) => keepWorkers && this.isMember(worker.worker));
    return run;
  }

  async #lead(submission: Submission, { prepared, journal, startedAt }: Pick<JobRunOptions, 'prepared' | 'journal' | 'startedAt'>): Promise<JobRun> {
    const { job, edgeWorker } = submission;
    const folder = jobFolder(this.#options.dataDir, job);
    const run: JobRun = new JobRun({
      job,
      prepared,
      journal,
      startedAt,
      log: this.#log,
      clock: this.#options.clock,
      connect: (info) => new ControlClient(info.url, this.#options.token),
      killer: systemKiller,
      removeLogs: () => removeJobLogs(job, prepared.store, folder),
      removeLogsOf: (tasks) => removeLogsOf(job, prepared.store, tasks),
      liveWorkers: () => this.#pool.live(submission.workers),
      edge: edgeWorker,
      dest: submission.spec.dest,
      folder,
      deadLetters: join(folder, 'deadletter'),
      ended: () => this.#runEnded(run),
    });
    this.#runs.set(job, run);
    const startTime = processStartTime(process.pid);
    await writeLeaderFile(folder, { url: this.#url, token: this.#options.token, pid: process.pid, startTime });
    await writeJobFile(folder, viewOfJob(run));
    return run;
  }

  runs(): JobRun[] {
    return [...this.#runs.values()];
  }

  /** Undefined for a job that it does not know any more, or never did. */
  run(job: string): JobRun | undefined {
    return this.#runs.get(job);
  }

  find(job: string): JobRun {
    const run = this.#runs.get(job);
    if (run !== undefined) return run;
    throw new RainstormError('UNKNOWN_JOB', `there is no job ${job} here`, { hint: 'rainstorm jobs lists them.' });
  }

  /** What is measured of a job while it runs. */
  watch(run: JobRun): JobWatch {
    return this.#watches.of(run);
  }

  /** Calls it each second, when all jobs have been looked at; gives the way to end that. */
  onLook(listener: () => void): () => void {
    this.#looked.add(listener);
    return () => void this.#looked.delete(listener);
  }

  workers(): WorkerView[] {
    return viewOfWorkers(this.#pool.members.all(), this.#pool.usages, this.runs());
  }

  /** Throws UNKNOWN_WORKER, USAGE, UNREACHABLE. */
  async killWorker(worker: string): Promise<number> {
    const pid = await killWorker(worker, this.#pool.members.find(worker), this.#options.token);
    this.workerKilled(worker, 'on request');
    return pid;
  }

  /** `how` it came to be killed, for people. What follows from that is seen by its end. */
  workerKilled(worker: string, how: string): void {
    this.#log.text('KILLED', `worker=${worker} ${how}`);
    for (const run of this.#live()) if (run.tasksOn(worker).length > 0) run.marks.add({ kind: 'kill', worker, text: `worker ${worker} was killed ${how}` });
  }

  isMember(worker: string): boolean {
    return this.#pool.members.find(worker) !== undefined;
  }

  /** A worker is known to be gone before its lease says so, for instance because its process has exited. */
  async workerGone(worker: string, why: string): Promise<void> {
    const info = this.#pool.remove(worker);
    if (info !== undefined) await this.#workerLost(info, why);
  }

  async cancelAll(): Promise<void> {
    await Promise.all(this.runs().map((run) => run.cancel()));
  }

  /** Kills every operator known on this machine, at once and without telling the workers. */
  killOperators(): void {
    for (const run of this.#runs.values()) run.killOperators();
  }

  /** Stops watching. */
  close(): void {
    this.#closed.abort();
    this.#log.text('END', 'leader');
    this.#log.close();
  }

  #live(): JobRun[] {
    return this.runs().filter((run) => run.endedAt === undefined);
  }

  async #startWhenReady(run: JobRun, wanted: number): Promise<void> {
    const workers = await this.#pool.await(wanted, WORKERS_WAIT_MS, () => run.endedAt !== undefined);
    if (workers.length >= wanted) return run.start(workers);
    await run.fail(new RainstormError('NO_WORKERS', `the job wants ${wanted} workers, but only ${workers.length} joined within ${WORKERS_WAIT_MS / 1000} s`, NO_WORKERS_HINT));
  }

  async #runEnded(run: JobRun): Promise<void> {
    // It may have been waiting for workers, which would keep the process of a command running.
    this.#pool.wake();
    const disk = { ...this.#options, log: this.#log };
    await recordEnd({ view: viewOfJob(run), views: viewsOf(run, this.watch(run)) }, disk);
    if (run.options.edge !== undefined) this.#pool.remove(run.options.edge.worker);
    const ended = this.runs().filter((other) => other.endedAt !== undefined && other !== run);
    for (const old of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_JOBS))) this.#runs.delete(old.job);
    await pruneBeside(run.job, disk);
  }

  async #tickOn(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#closed.signal.aborted) {
      for (const lost of this.#pool.members.expire(clock.now())) {
        void this.#workerLost(lost, `has not been heard of for ${WORKER_LEASE_MS / 1000} s`);
      }
      for (const ended of this.#pool.dead()) void this.workerGone(ended.worker, `(process ${ended.pid}) has ended`);
      this.#rateLog.write(this.#watches.look(this.runs(), Date.now()));
      for (const listener of this.#looked) listener();
      this.#autoscaler.look(this.runs(), clock.now());
      await clock.wait(TICK_MS, this.#closed.signal);
    }
  }

  async #workerLost(info: WorkerInfo, why: string): Promise<void> {
    this.#pool.usages.forget(info.worker);
    this.#log.text('NOTE', `worker ${info.worker} ${why}`);
    await Promise.all(this.runs().map((run) => run.workerLost(info, why)));
  }
}
