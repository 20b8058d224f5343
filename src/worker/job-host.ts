/** One job's share on one worker: its tasks, the ends of their channels, and the connections to the other workers. */
import { systemClock } from '../base/clock.ts';
import { RainstormError, invariant } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { allTasks, consumersOf, isOperatorTask, producersOf, type Topology } from '../job/topology.ts';
import { channelWindowBytes } from '../job/windows.ts';
import { OperatorTask } from '../task/operator-task.ts';
import { SinkTask } from '../task/sink-task.ts';
import type { LogStore } from '../log/log.ts';
import type { ChannelReceiver } from '../wire/channel-receiver.ts';
import type { ChannelSender } from '../wire/channel-sender.ts';
import { isSameSecret } from '../wire/hello.ts';
import { joinLocally } from '../wire/local-link.ts';
import { hostTask, type Hosted } from './host-task.ts';
import { checkOperator, type UserStreams } from './make-task.ts';
import { Peers, type PeerInfo } from './peers.ts';
import { logName } from './task-memory.ts';
import type { Greeted } from '../wire/handshake.ts';

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
}

export class JobHost {
  readonly job: string;
  readonly #options: JobHostOptions;
  readonly #topology: Topology;
  readonly #placement: ReadonlyMap<string, string>;
  readonly #hosted = new Map<string, Hosted>();
  readonly #receivers = new Map<string, ChannelReceiver>();
  readonly #peers: Peers;
  readonly #windowBytes: number;
  #failure: RainstormError | undefined;

  private constructor(options: JobHostOptions) {
    const { deployment } = options;
    this.#options = options;
    this.job = deployment.job;
    this.#topology = { plan: deployment.plan, parts: deployment.sink.kind === 'folder' };
    this.#placement = new Map(deployment.placement.map((place) => [taskId(place), place.worker]));
    const tasks = allTasks(this.#topology);
    this.#windowBytes = channelWindowBytes(this.#topology, tasks, (task) => this.#workerOf(task));
    this.#peers = this.#makePeers();
  }

  /** Makes the tasks placed on this worker; nothing runs yet. Throws what a task cannot be made for. */
  static async make(options: JobHostOptions): Promise<JobHost> {
    const host = new JobHost(options);
    const here = allTasks(host.#topology).filter((ref) => host.#isHere(ref));
    for (const ref of here) if (isOperatorTask(ref, host.#topology)) checkOperator(ref, options.deployment);
    try {
      await Promise.all(here.map((ref) => host.#host(ref)));
    } catch (error) {
      await host.end();
      throw error;
    }
    for (const ref of here) host.#joinChannels(ref);
    return host;
  }

  /** Connects the channels and starts the tasks, consumers first. */
  async start(): Promise<void> {
    this.#peers.start();
    const hosted = [...this.#hosted.values()].toReversed();
    await Promise.all(hosted.map(({ task }) => task.start()));
  }

  /** Takes a connection that has said hello. Gives the reason if it is none of ours. */
  accept(worker: string, secret: string, greeted: () => Greeted): string | undefined {
    if (!isSameSecret(secret, this.#options.deployment.secret)) return 'the secret is not this job\'s';
    if (!this.#options.deployment.workers.some((peer) => peer.worker === worker)) return `${worker} is no worker of this job`;
    return this.#peers.accept(worker, greeted) ? undefined : 'the job has ended here';
  }

  get maxFrameBytes(): number {
    // A frame holds at least one whole tuple, and no more than a frame's target besides.
    return this.#options.deployment.plan.maxTupleBytes + MAX_FRAME_OVERHEAD_BYTES;
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

  /** Ends everything: operators are killed, connections closed, what was half written removed. */
  async end(): Promise<void> {
    this.#peers.end();
    await Promise.all([...this.#hosted.values()].map(({ task }) => task.stop()));
    for (const { log } of this.#hosted.values()) log.close();
    const { store } = this.#options;
    if (store !== undefined) await Promise.all([...this.#hosted.values()].map(({ ref }) => store.remove(logName(this.job, ref))));
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
      self: this.#peerInfo(worker),
      maxFrameBytes: this.maxFrameBytes,
      clock: systemClock,
      receiver: (channel) => this.#receivers.get(channel),
      lost: (error) => {
        this.#failure ??= error;
        this.#options.changed();
      },
      note: (text) => {
        for (const { log } of this.#hosted.values()) log.event('NOTE', text);
      },
    });
  }

  async #host(ref: TaskRef): Promise<void> {
    const { deployment, dataDir, streams, changed, store } = this.#options;
    const hosted = await hostTask(ref, { deployment, topology: this.#topology, dataDir, streams, windowBytes: this.#windowBytes, store, changed });
    this.#hosted.set(taskId(ref), hosted);
    for (const receiver of hosted.receivers) this.#receivers.set(receiver.name, receiver);
  }

  /** Within the worker by function calls, else over the connection with the consumer's or producer's worker. */
  #joinChannels(ref: TaskRef): void {
    const { senders } = this.#find(taskId(ref));
    for (const [index, consumer] of consumersOf(this.#topology, ref).entries()) {
      const sender = senders[index] as ChannelSender;
      const receiver = this.#receivers.get(sender.name);
      if (receiver === undefined) this.#peers.join(this.#peerOf(consumer), sender);
      else joinLocally(sender, receiver);
    }
    for (const producer of producersOf(this.#topology, ref)) if (!this.#isHere(producer)) this.#peers.join(this.#peerOf(producer));
  }

  #isHere(ref: TaskRef): boolean {
    return this.#workerOf(taskId(ref)) === this.#options.worker;
  }

  #workerOf(task: string): string {
    const worker = this.#placement.get(task);
    invariant(worker !== undefined, `task ${task} is placed on a worker`);
    return worker;
  }

  #peerOf(ref: TaskRef): PeerInfo {
    return this.#peerInfo(this.#workerOf(taskId(ref)));
  }

  #peerInfo(worker: string): PeerInfo {
    const info = this.#options.deployment.workers.find((peer) => peer.worker === worker);
    invariant(info !== undefined, `worker ${worker} is in the deployment`);
    return info;
  }
}

const MAX_FRAME_OVERHEAD_BYTES = 1024 * 1024;
