/** A worker: the real host of a job with its real connections, in a simulated process. */
import { RainstormError } from '../../src/base/errors.ts';
import type { Deployment, WorkerInfo, WorkerReport } from '../../src/control/schemas.ts';
import { taskId } from '../../src/job/task-id.ts';
import type { TaskStatus } from '../../src/job/task-status.ts';
import type { LogStore } from '../../src/log/log.ts';
import { FrameDecoder } from '../../src/wire/frame.ts';
import type { Address, dial, Greeted } from '../../src/wire/handshake.ts';
import { JobHost } from '../../src/worker/job-host.ts';
import { JobHosts } from '../../src/worker/job-hosts.ts';
import { NO_STREAMS } from '../../src/worker/make-task.ts';
import { JOB } from './shape.ts';
import type { SimLeader } from './sim-leader.ts';
import type { SimProcess } from './sim-process.ts';
import { hostSimTask } from './sim-task.ts';
import type { World } from './world.ts';

/** All simulated processes run on one machine. */
export const HOSTNAME = 'simulated';

export type JobReport = WorkerReport['jobs'][number];

export class SimWorker {
  readonly name: string;
  readonly process: SimProcess;
  readonly jobs: JobHosts;
  readonly info: WorkerInfo;
  readonly #world: World;
  readonly #store: LogStore;
  #changed = false;
  #reporting = false;
  #ending = false;

  constructor(world: World, name: string, process: SimProcess) {
    this.#world = world;
    this.name = name;
    this.process = process;
    this.#store = world.disk.connect(process);
    this.jobs = new JobHosts((deployment) => this.#makeHost(deployment), () => Promise.resolve());
    const { pid } = process;
    this.info = { worker: name, url: `http://${HOSTNAME}:${pid}`, data: { host: HOSTNAME, port: pid }, pid, startTime: String(pid), hostname: HOSTNAME };
  }

  /** The tasks that it hosts, by their ids. */
  get tasks(): readonly TaskStatus[] {
    return this.jobs.find(JOB)?.status() ?? [];
  }

  hosts(task: string): boolean {
    return this.tasks.some((status) => taskId(status) === task);
  }

  /** Something changed: the leader of the moment hears of it some time later. One report is under way at a time. */
  changed(): void {
    this.#changed = true;
    if (this.#reporting) return;
    this.#reporting = true;
    this.process.later(() => this.#report());
  }

  /** It answers nobody any more. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Declared dead, it learns so: everything here ends, and the process with it. */
  async dismissed(): Promise<void> {
    this.#ending = true;
    await this.jobs.leaveExcept([]);
    this.#world.killWorker(this);
  }

  /** Dials another worker. */
  readonly dial: typeof dial = async (address: Address, { job, secret }, maxPayloadBytes: number, signal: AbortSignal): Promise<Greeted> => {
    await this.process.pause();
    const other = this.#world.workerAt(address.port);
    if (other === undefined || !other.process.alive || signal.aborted) throw new RainstormError('UNREACHABLE', `nobody answers at ${address.port}`);
    const { promise, resolve, reject } = Promise.withResolvers<Greeted>();
    other.process.whenDead(() => this.process.later(() => reject(new RainstormError('UNREACHABLE', 'it died'))));
    signal.addEventListener('abort', () => reject(new RainstormError('UNREACHABLE', 'aborted')));
    other.process.later(() => {
      const [here, there] = this.#world.connect(this.process, other.process);
      const host = other.jobs.find(job);
      const greet = () => ({ socket: there, decoder: new FrameDecoder(host?.maxFrameBytes ?? 0) }) as unknown as Greeted;
      const refusal = host === undefined ? 'the job is not known' : host.accept(this.name, secret, greet);
      this.process.later(() => {
        if (refusal === undefined) resolve({ socket: here, decoder: new FrameDecoder(maxPayloadBytes) } as unknown as Greeted);
        else reject(new RainstormError('PROTOCOL', refusal));
      });
      if (refusal !== undefined) there.destroy();
    });
    return promise;
  };

  async #makeHost(deployment: Deployment): Promise<JobHost> {
    const { process } = this;
    return JobHost.make({
      deployment,
      worker: this.name,
      dataDir: '',
      store: this.#store,
      streams: NO_STREAMS,
      changed: () => this.changed(),
      edges: {
        clock: process,
        dial: this.dial,
        hostTask: (ref, around) => hostSimTask(this.#world, process, ref, around),
        checkOperator: () => undefined,
      },
    });
  }

  #report(): void {
    this.#changed = false;
    const host = this.jobs.find(JOB);
    const report: JobReport = { job: JOB, version: host?.version ?? 0, tasks: structuredClone(this.tasks) as never, failure: host?.failure };
    const leader = this.#world.leader;
    this.process.scheduler.later(() => this.#deliver(leader, report));
  }

  #deliver(leader: SimLeader, report: JobReport): void {
    leader.process.run(() => leader.report(this, report));
    this.process.later(() => {
      this.#reporting = false;
      // It was not heard: whoever leads now is told.
      if (this.#changed || leader !== this.#world.leader || !leader.process.alive) this.changed();
    });
  }
}
