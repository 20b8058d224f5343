/**
 * One job's share on one worker: its tasks, the ends of their channels, and the connections to the other workers.
 *
 * B1 A deployment is whole, and replaces an older one of the job: what it places here is hosted, what it does not is let go.
 *    Older ones are not taken, and nothing from a leader whose job another has taken over.
 * B2 Nothing moves between workers before `start`, which the leader says when every worker has the deployment: a channel is
 *    opened only where its other end is known. Operators of a job's first deployment are started without waiting for it, and
 *    so is the first attempt of a stage's next generation: no attempt of theirs can be elsewhere, and what they have before
 *    their channels are open waits there.
 * B3 What a job has written down outlives its host here: another worker may be going on with it. Only the job's end removes
 *    what is half written.
 */
import { systemClock, type Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { mustFreeze } from '../job/hand-over.ts';
import { FIRST_GENERATION, taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { allTasks, generationOfStage, isOperatorTask, stageBefore, stageNumbered, type Rescaling, type Topology } from '../job/topology.ts';
import { OperatorTask } from '../task/operator-task.ts';
import { SinkTask } from '../task/sink-task.ts';
import type { Unfinished } from '../task/task.ts';
import type { LogStore } from '../log/log.ts';
import { isSameSecret } from '../wire/hello.ts';
import { ChannelJoints } from './channel-joints.ts';
import { hostTask, type Hosted, type HostSurroundings } from './host-task.ts';
import { checkOperator, type UserStreams } from './make-task.ts';
import { Peers } from './peers.ts';
import { TaskPlaces, topologyOf } from './task-places.ts';
import { dial, type Greeted } from '../wire/handshake.ts';

/** What a host touches of the world outside. */
export interface HostEdges {
  readonly clock: Clock;
  readonly dial: typeof dial;
  /** Throws what a task cannot be hosted for. */
  hostTask(ref: TaskRef, around: HostSurroundings): Promise<Hosted>;
  /** Throws COMMAND_NOT_FOUND. */
  checkOperator(ref: TaskRef, deployment: Deployment): void;
}

const SYSTEM_EDGES: HostEdges = { clock: systemClock, dial, hostTask, checkOperator };

export interface JobHostOptions {
  readonly deployment: Deployment;
  /** This worker's name. */
  readonly worker: string;
  readonly dataDir: string;
  readonly streams: UserStreams;
  /** Where journals are kept; undefined where nothing is to survive a crash. */
  readonly store: LogStore | undefined;
  /** Something changed that the leader should hear of. */
  readonly changed: () => void;
  /** The system's unless given. */
  readonly edges?: HostEdges;
}

export class JobHost {
  readonly job: string;
  readonly #options: JobHostOptions;
  readonly #edges: HostEdges;
  readonly #hosted = new Map<string, Hosted>();
  readonly #started = new Set<Hosted>();
  readonly #peers: Peers;
  readonly #joints: ChannelJoints;
  #deployment: Deployment;
  #topology: Topology;
  #places: TaskPlaces;
  #failure: RainstormError | undefined;
  #ended = false;
  #version = 0;

  private constructor(options: JobHostOptions) {
    const { deployment } = options;
    this.#options = options;
    this.#edges = options.edges ?? SYSTEM_EDGES;
    this.job = deployment.job;
    this.#deployment = deployment;
    this.#places = new TaskPlaces(deployment);
    this.#topology = topologyOf(deployment);
    this.#peers = this.#makePeers();
    this.#joints = new ChannelJoints(options.worker, this.#peers);
  }

  /** Makes the tasks placed on this worker; nothing runs yet. Throws what a task cannot be made for. */
  static async make(options: JobHostOptions): Promise<JobHost> {
    const host = new JobHost(options);
    try {
      await host.#settle(() => false);
      if (options.deployment.version === FIRST_VERSION) void host.#startFresh(({ ref }) => isOperatorTask(ref, host.#topology));
      return host;
    } catch (error) {
      await host.leave();
      throw error;
    }
  }

  /** Of the deployment that has been brought about here. */
  get version(): number {
    return this.#version;
  }

  /** B1. Throws what a task cannot be made for. */
  async replace(deployment: Deployment): Promise<void> {
    this.checkTerm(deployment.term);
    const isNewer = deployment.term > this.#deployment.term || deployment.version > this.#deployment.version;
    if (!isNewer || this.#ended) return;
    const before = { places: this.#places, topology: this.#topology };
    // Whom it could not reach may be elsewhere by now.
    this.#failure = undefined;
    this.#deployment = deployment;
    this.#places = new TaskPlaces(deployment);
    this.#topology = topologyOf(deployment);
    const isPlaced = (ref: TaskRef) => before.places.attemptOf(ref) === this.#places.attemptOf(ref);
    await this.#settle((ref) => ref.generation === generationOfStage(before.topology, ref.stage) && isPlaced(ref));
    if (!this.#ended) void this.#startFresh(({ ref }) => isOperatorTask(ref, this.#topology) && ref.generation > FIRST_GENERATION && this.#places.attemptOf(ref) === FIRST_ATTEMPT);
    this.#options.changed();
  }

  /** B1. Throws DEPOSED. */
  checkTerm(term: number): void {
    if (term >= this.#deployment.term) return;
    throw new RainstormError('DEPOSED', `job ${this.job} is led under term ${this.#deployment.term} by now, not ${term}`);
  }

  /** B2: connects the channels and starts what has not been started yet, consumers first. Who feeds a stage that is being rescaled goes over to the next generation. */
  async start(): Promise<void> {
    this.#peers.start();
    const { rescaling } = this.#topology;
    if (rescaling !== undefined) this.#freeze(rescaling);
    await this.#startFresh(() => true);
    if (rescaling === undefined || rescaling.freezing === true) return;
    for (const { ref, task } of this.#hosted.values()) if (ref.stage === stageBefore(this.#topology, rescaling.stage) && !(task instanceof SinkTask)) task.goOver();
  }

  /** Takes a connection that has said hello. Gives the reason if it is none of ours. */
  accept(worker: string, secret: string, greeted: () => Greeted): string | undefined {
    if (!isSameSecret(secret, this.#deployment.secret)) return 'the secret is not this job\'s';
    if (!this.#places.workers.some((peer) => peer.worker === worker)) return `${worker} is no worker of this job`;
    return this.#peers.accept(worker, greeted) ? undefined : 'the job has ended here';
  }

  get maxFrameBytes(): number {
    // A frame holds at least one whole tuple, and no more than a frame's target besides.
    return this.#deployment.plan.maxTupleBytes + MAX_FRAME_OVERHEAD_BYTES;
  }

  status(): TaskStatus[] {
    return [...this.#hosted.values()].map(({ task }) => task.status());
  }

  /** Set when another worker cannot be reached. */
  get failure(): RainstormError | undefined {
    return this.#failure;
  }

  /** Makes what the sinks here have written the job's result. */
  async publish(): Promise<void> {
    for (const { task } of this.#hosted.values()) if (task instanceof SinkTask) await task.publish();
  }

  /** Into the log of every task here. */
  note(text: string): void {
    for (const { log } of this.#hosted.values()) log.event('NOTE', text);
  }

  /** Kills an operator as a fault would. Throws UNKNOWN_TASK if it is not running here. */
  kill(task: string): number {
    const hosted = this.#find(task);
    const pid = hosted.task.status().groups[0]?.pid;
    if (!(hosted.task instanceof OperatorTask) || pid === undefined || !hosted.task.killOperator()) {
      throw new RainstormError('UNKNOWN_TASK', `task ${task} has no running operator`);
    }
    return pid;
  }

  logPath(task: string): string {
    return this.#find(task).log.path;
  }

  /** The job is over: operators are killed, connections closed, what was half written removed. */
  async end(): Promise<void> {
    this.#close();
    await Promise.all([...this.#hosted.values()].map((hosted) => letGo(hosted, 'remove')));
  }

  /** B3: as `end`, but what was written stays for whoever goes on with the job. */
  async leave(): Promise<void> {
    this.#close();
    await Promise.all([...this.#hosted.values()].map((hosted) => letGo(hosted, 'keep')));
  }

  /** Those that go only without a trace. */
  #freeze({ stage, freezing }: Rescaling): void {
    const plan = stageNumbered(this.#topology.plan, stage);
    if (plan === undefined || !mustFreeze(plan)) return;
    for (const { ref, task } of this.#hosted.values()) if (ref.stage === stage && task instanceof OperatorTask) task.freeze(freezing !== true);
  }

  async #startFresh(which: (hosted: Hosted) => boolean): Promise<void> {
    const fresh = [...this.#hosted.values()].filter((hosted) => which(hosted) && !this.#started.has(hosted)).toReversed();
    for (const hosted of fresh) this.#started.add(hosted);
    await Promise.all(fresh.map(({ task }) => task.start()));
  }

  #close(): void {
    this.#ended = true;
    this.#peers.end();
  }

  #find(task: string): Hosted {
    const hosted = this.#hosted.get(task);
    if (hosted === undefined) throw new RainstormError('UNKNOWN_TASK', `there is no task ${task} here`);
    return hosted;
  }

  #makePeers(): Peers {
    const { deployment, worker } = this.#options;
    return new Peers({
      job: deployment.job,
      secret: deployment.secret,
      self: this.#places.peer(worker),
      maxFrameBytes: this.maxFrameBytes,
      clock: this.#edges.clock,
      dial: this.#edges.dial,
      receiver: (channel) => this.#joints.receiver(channel),
      lost: (error) => {
        this.#failure ??= error;
        this.#options.changed();
      },
      note: (text) => this.note(text),
    });
  }

  /** Makes what is hosted here what the deployment says; `unmoved` tells the tasks that are where they were. */
  async #settle(unmoved: (ref: TaskRef) => boolean): Promise<void> {
    const here = allTasks(this.#topology).filter((ref) => this.#isHere(ref));
    // One that could not be made for the deployment before is not here either.
    const fresh = here.filter((ref) => !unmoved(ref) || this.#hosted.get(taskId(ref))?.ref.generation !== ref.generation);
    for (const ref of fresh) if (isOperatorTask(ref, this.#topology)) this.#edges.checkOperator(ref, this.#deployment);
    this.#peers.keepOnly(this.#places.workers);
    const stays = (ref: TaskRef) => this.#isHere(ref) && unmoved(ref) && ref.generation === generationOfStage(this.#topology, ref.stage);
    const gone = [...this.#hosted.values()].filter(({ ref }) => !stays(ref));
    await Promise.all(gone.map((hosted) => this.#unhost(hosted)));
    for (const hosted of this.#hosted.values()) this.#rewire(hosted);
    await this.#hostAll(fresh);
    for (const ref of here) {
      const moved = (other: TaskRef) => !unmoved(ref) || !unmoved(other);
      this.#joints.join(ref, this.#find(taskId(ref)).channels, { topology: this.#topology, places: this.#places, moved });
    }
    this.#version = this.#deployment.version;
  }

  /** All of them are there or have failed before this fails: nothing comes to be hosted behind it. */
  async #hostAll(refs: readonly TaskRef[]): Promise<void> {
    const results = await Promise.allSettled(refs.map((ref) => this.#host(ref)));
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async #host(ref: TaskRef): Promise<void> {
    const { dataDir, streams, changed, store } = this.#options;
    const deployment = this.#deployment;
    const hosted = await this.#edges.hostTask(ref, { deployment, topology: this.#topology, dataDir, streams, windowBytes: deployment.windowBytes, store, changed });
    this.#hosted.set(taskId(ref), hosted);
    this.#joints.add(hosted.channels);
  }

  async #unhost(hosted: Hosted): Promise<void> {
    this.#hosted.delete(taskId(hosted.ref));
    this.#joints.forget(hosted.channels);
    await letGo(hosted, 'keep');
  }

  /** It stays, and its neighbours may be others. */
  #rewire({ ref, task, channels }: Hosted): void {
    this.#joints.forget(channels.update(this.#topology, this.#deployment.windowBytes));
    this.#joints.add(channels);
    task.rewired();
    if (task instanceof OperatorTask && this.#topology.rescaling?.stage !== ref.stage) void task.thaw();
  }

  #isHere(ref: TaskRef): boolean {
    return this.#places.isOn(this.#options.worker, ref);
  }
}

/** Of a job that was never placed before. */
const FIRST_VERSION = 1;

const FIRST_ATTEMPT = 1;

const MAX_FRAME_OVERHEAD_BYTES = 1024 * 1024;

async function letGo({ task, log }: Hosted, unfinished: Unfinished): Promise<void> {
  await task.stop(unfinished);
  log.close();
}
