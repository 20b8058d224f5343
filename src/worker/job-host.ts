/** One job's share on one worker: its tasks, the ends of their channels, and the connections to the other workers. */
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { RainstormError, invariant } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { skipTuples } from '../job/skip-tuples.ts';
import type { Format } from '../job/stage-spec.ts';
import { channelName, taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { allTasks, consumersOf, isOperatorTask, partitioningAfter, producersOf, type Topology } from '../job/topology.ts';
import { channelWindowBytes } from '../job/windows.ts';
import { LocalLog } from '../task/local-log.ts';
import { OperatorTask } from '../task/operator-task.ts';
import { Router } from '../task/router.ts';
import { SinkTask } from '../task/sink-task.ts';
import { ChannelReceiver } from '../wire/channel-receiver.ts';
import { ChannelSender } from '../wire/channel-sender.ts';
import { isSameSecret } from '../wire/hello.ts';
import { joinLocally } from '../wire/local-link.ts';
import { checkOperator, makeTask, type HostedTask, type UserStreams } from './make-task.ts';
import { Peers, type PeerInfo } from './peers.ts';
import type { Greeted } from '../wire/handshake.ts';

export interface JobHostOptions {
  readonly deployment: Deployment;
  /** This worker's name. */
  readonly worker: string;
  readonly dataDir: string;
  readonly streams: UserStreams;
  /** Something changed that the leader should hear of. */
  readonly changed: () => void;
}

interface Hosted {
  readonly task: HostedTask;
  readonly log: LocalLog;
  readonly receivers: ChannelReceiver[];
  readonly senders: ChannelSender[];
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

  /** Makes the tasks placed on this worker; nothing runs yet. Throws what a task cannot be made for. */
  constructor(options: JobHostOptions) {
    const { deployment } = options;
    this.#options = options;
    this.job = deployment.job;
    this.#topology = { plan: deployment.plan, parts: deployment.sink.kind === 'folder' };
    this.#placement = new Map(deployment.placement.map((place) => [taskId(place), place.worker]));
    const tasks = allTasks(this.#topology);
    this.#windowBytes = channelWindowBytes(this.#topology, tasks, (task) => this.#workerOf(task));
    this.#peers = this.#makePeers();
    const here = tasks.filter((ref) => this.#isHere(ref));
    for (const ref of here) if (isOperatorTask(ref, this.#topology)) checkOperator(ref, deployment);
    for (const ref of here) this.#host(ref);
    for (const ref of here) this.#joinChannels(ref);
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
    return this.#peers.accept(worker, greeted()) ? undefined : 'the job has ended here';
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

  #host(ref: TaskRef): void {
    const { deployment, dataDir, streams } = this.#options;
    const id = taskId(ref);
    const log = new LocalLog(join(dataDir, 'jobs', deployment.job, 'logs', `${id}.log`), id, deployment.plan.logTuples);
    const receivers: ChannelReceiver[] = [];
    const senders: ChannelSender[] = [];
    const router: { current: Router | undefined } = { current: undefined };
    const task = makeTask(ref, {
      deployment,
      topology: this.#topology,
      streams,
      log,
      router: () => (router.current ??= this.#makeRouter(ref, senders)),
      receivers: () => receivers,
      producers: producersOf(this.#topology, ref).length,
      changed: this.#options.changed,
    });
    const format = this.#inputFormat(ref);
    for (const producer of producersOf(this.#topology, ref)) {
      const name = channelName(producer, ref);
      const receiver = new ChannelReceiver(name, this.#windowBytes, (bytes, count) => skipTuples(format, bytes, count), task.input);
      receivers.push(receiver);
      this.#receivers.set(name, receiver);
    }
    for (const consumer of consumersOf(this.#topology, ref)) {
      senders.push(new ChannelSender(channelName(ref, consumer), this.#windowBytes, task.output));
    }
    this.#hosted.set(id, { task, log, receivers, senders });
  }

  #makeRouter(ref: TaskRef, channels: readonly ChannelSender[]): Router {
    return new Router({
      partitioning: partitioningAfter(this.#topology, ref.stage),
      producerIndex: ref.index,
      channels,
      windowBytes: this.#windowBytes,
    });
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

  #inputFormat(ref: TaskRef): Format {
    const { plan } = this.#topology;
    return plan.stages[ref.stage - 1]?.inputFormat ?? plan.sink.format;
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
