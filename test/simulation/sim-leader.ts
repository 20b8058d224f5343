/** A leader: the real run of a job, with its real journal, placing and losses, in a simulated process. */
import { invariant } from '../../src/base/errors.ts';
import { workerRoutes } from '../../src/control/routes.ts';
import type { WorkerInfo } from '../../src/control/schemas.ts';
import { isLogOf, logName } from '../../src/job/task-id.ts';
import { JobJournal, type JournaledJob } from '../../src/leader/job-journal.ts';
import { JobRun } from '../../src/leader/job-run.ts';
import type { WorkerClient } from '../../src/leader/job-workers.ts';
import { Membership } from '../../src/leader/membership.ts';
import type { WorkerKiller } from '../../src/leader/worker-killer.ts';
import type { LogStore } from '../../src/log/log.ts';
import { callWorker } from './sim-call.ts';
import { JOB, submittedOf } from './shape.ts';
import type { SimProcess } from './sim-process.ts';
import { HOSTNAME, type JobReport, type SimWorker } from './sim-worker.ts';
import type { World } from './world.ts';

/** Who is lost here is told to be: leases run out when the seed says so. */
const LEASE_MS = Infinity;

export class SimLeader {
  readonly process: SimProcess;
  readonly #world: World;
  readonly #membership = new Membership(LEASE_MS);
  readonly #store: LogStore;
  #run: JobRun | undefined;
  #joined = Promise.withResolvers<void>();

  constructor(world: World, process: SimProcess) {
    this.#world = world;
    this.process = process;
    this.#store = world.disk.connect(process);
  }

  get run(): JobRun | undefined {
    return this.#run;
  }

  /** The first leader of the job. */
  async submit(workers: readonly WorkerInfo[]): Promise<void> {
    for (const info of workers) this.#membership.register(info, 0);
    const journal = await JobJournal.openIn(this.#store);
    await journal.append(submittedOf(this.#world.shape));
    this.#run = this.#makeRun(journal);
    void this.#run.start(workers);
  }

  /** One that takes the job over. `keepWorkers`: those that live go on; otherwise all are new. */
  async takeOver(keepWorkers: boolean): Promise<void> {
    const journal = await JobJournal.openIn(this.#store);
    const journaled = await journal.read();
    invariant(journaled !== undefined, 'the job was submitted');
    this.#run = this.#makeRun(journal);
    if (keepWorkers) for (const info of journaled.placed?.workers ?? []) this.#membership.register(info, 0);
    this.#world.took(this);
    if (journaled.placed !== undefined) return this.#resume(this.#run, journaled, keepWorkers);
    await this.#run.start(await this.#liveWorkers());
  }

  register(info: WorkerInfo): void {
    const before = this.#membership.find(info.worker);
    if (before !== undefined && before.pid !== info.pid) this.workerGone(before);
    if (before?.pid !== info.pid) this.#membership.register(info, 0);
    this.#joined.resolve();
    this.#joined = Promise.withResolvers<void>();
  }

  workerGone({ worker, pid }: Pick<WorkerInfo, 'worker' | 'pid'>): void {
    if (this.#membership.find(worker)?.pid !== pid) return;
    const info = this.#membership.remove(worker) as WorkerInfo;
    void this.#run?.workerLost(info, 'is gone');
  }

  report(worker: SimWorker, report: JobReport): void {
    // Until it knows its job nobody is answered.
    if (this.#run === undefined) return;
    if (this.#membership.find(worker.name)?.pid !== worker.info.pid) return this.#world.register(worker, this);
    void this.#run.report(report, this.process.now());
  }

  async #resume(run: JobRun, journaled: JournaledJob, keepWorkers: boolean): Promise<void> {
    await run.resume(journaled, () => keepWorkers);
  }

  #makeRun(journal: JobJournal): JobRun {
    const { shape } = this.#world;
    const { plan, source, sink, store } = submittedOf(shape);
    return new JobRun({
      job: JOB,
      prepared: { plan, source, sink, store, notes: [], remarks: [], lock: { release: () => Promise.resolve() } },
      journal,
      startedAt: new Date(0),
      log: { text: (event, details) => this.#world.note(`leader ${this.process.pid} ${event} ${details}`) },
      clock: this.process,
      connect: (info) => this.#connect(info),
      killer: this.#killer(),
      removeLogs: () => this.#removeLogs(),
      removeLogsOf: async (tasks) => {
        for (const task of tasks) await this.#store.remove(logName(JOB, task));
      },
      liveWorkers: () => this.#liveWorkers(),
      edge: undefined,
      dest: sink.path,
      folder: '',
      deadLetters: '',
      ended: () => Promise.resolve(),
    });
  }

  /** J5, J6 */
  #connect(info: WorkerInfo): WorkerClient {
    const call = async (route: unknown, body: unknown, options?: { readonly query?: Readonly<Record<string, string>> }) => {
      if (route === workerRoutes.deploy) this.#world.checkTold(body as { term: number; version: number });
      return callWorker(this.#world, this.process, info, { route, body, term: Number(options?.query?.['term']) });
    };
    return { call };
  }

  /** It believes a worker dead that is merely frozen, now and then: on a machine that it cannot reach, say. */
  #killer(): WorkerKiller {
    return {
      hostname: HOSTNAME,
      reap: ({ pid }) => this.#world.reap(pid),
      seenDead: async () => {
        await this.process.pause();
        return true;
      },
      killOrphans: () => undefined,
    };
  }

  async #removeLogs(): Promise<void> {
    for (const name of await this.#store.names()) if (isLogOf(JOB, name)) await this.#store.remove(name);
  }

  async #liveWorkers(): Promise<WorkerInfo[]> {
    while (this.#membership.workers().length === 0) await this.#joined.promise;
    return this.#membership.workers();
  }
}
