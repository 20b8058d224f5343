/** Puts a task together with its log, its journal and the ends of its channels. */
import { join } from 'node:path';
import type { Deployment } from '../control/schemas.ts';
import { RANGE_WINDOW_BYTES, skipRange } from '../job/file-range.ts';
import { skipTuples } from '../job/skip-tuples.ts';
import { channelName, taskId, type TaskRef } from '../job/task-id.ts';
import { consumersOf, partitioningAfter, producersOf, stageBehind, stageNumbered, type Topology } from '../job/topology.ts';
import type { LogStore } from '../log/log.ts';
import { LocalLog, type TaskLog } from '../task/local-log.ts';
import { Router } from '../task/router.ts';
import { ChannelReceiver } from '../wire/channel-receiver.ts';
import { ChannelSender } from '../wire/channel-sender.ts';
import type { SkipTuples } from '../wire/in-channel.ts';
import { attemptOf, openMemory, type TaskMemory } from './task-memory.ts';
import { makeTask, type HostedTask, type UserStreams } from './make-task.ts';

export interface HostSurroundings {
  readonly deployment: Deployment;
  readonly topology: Topology;
  readonly dataDir: string;
  readonly streams: UserStreams;
  readonly windowBytes: number;
  /** Undefined where nothing is to survive a crash. */
  readonly store: LogStore | undefined;
  readonly changed: () => void;
}

/** A task's log, in a file. */
interface HostedLog extends TaskLog {
  readonly path: string;
  close(): void;
}

export interface Hosted {
  readonly ref: TaskRef;
  readonly task: HostedTask;
  readonly log: HostedLog;
  readonly receivers: readonly ChannelReceiver[];
  readonly senders: readonly ChannelSender[];
}

/** Nothing runs yet. Throws what the journal cannot be opened for. */
export async function hostTask(ref: TaskRef, around: HostSurroundings): Promise<Hosted> {
  const { deployment, topology } = around;
  const id = taskId(ref);
  const attempt = attemptOf(ref, deployment);
  const memory = await openMemory(ref, { deployment, topology, store: around.store, attempt });
  const producers = producersOf(topology, ref);
  const log = new LocalLog(join(around.dataDir, 'jobs', deployment.job, 'logs', `${id}.log`), id, deployment.plan.logTuples);
  noteTornTail(memory, log);
  const receivers: ChannelReceiver[] = [];
  const senders: ChannelSender[] = [];
  const task = makeTask(ref, {
    deployment,
    topology,
    streams: around.streams,
    log,
    attempt,
    memory,
    makeRouter: (channels) => makeRouter(ref, topology, channels, around.windowBytes),
    receivers: () => receivers,
    senders: () => senders,
    producers: producers.length,
    changed: around.changed,
  });
  const input = channelsInto(ref.stage, around);
  for (const [producer, from] of producers.entries()) {
    const name = channelName(from, ref);
    const position = memory.kind === 'none' ? undefined : memory.positions[producer];
    receivers.push(new ChannelReceiver({
      name, producer, ...input, events: task.input, defer: setImmediate,
      ...(position === undefined ? {} : { from: position }),
    }));
  }
  const output = channelsInto(stageBehind(topology, ref.stage), around);
  for (const consumer of consumersOf(topology, ref)) {
    const name = channelName(ref, consumer);
    senders.push(new ChannelSender({ name, attempt, maxHeldBytes: output.windowBytes, skipTuples: output.skipTuples, events: task.output }));
  }
  return { ref, task, log, receivers, senders };
}

/** What was never written to its end was never acked either: nothing is lost, but who looks for a reason is to find it. */
function noteTornTail(memory: TaskMemory, log: LocalLog): void {
  if (memory.kind === 'none' || memory.tornTail === undefined) return;
  const { position, bytes } = memory.tornTail;
  log.event('NOTE', `record ${position} of what the attempt before had written down was not complete; its ${bytes} bytes are left out`);
}

function makeRouter(ref: TaskRef, topology: Topology, channels: readonly ChannelSender[], windowBytes: number): Router {
  return new Router({ partitioning: partitioningAfter(topology, ref.stage), producerIndex: ref.index, channels, windowBytes });
}

/** What the channels to the tasks of a stage carry: tuples, or where they stand. */
function channelsInto(stage: number, { topology: { plan }, windowBytes }: HostSurroundings): { readonly windowBytes: number; readonly skipTuples: SkipTuples } {
  const consumer = stageNumbered(plan, stage);
  if (consumer?.readsFiles !== undefined) return { windowBytes: RANGE_WINDOW_BYTES, skipTuples: skipRange };
  const format = consumer?.inputFormat ?? plan.sink.format;
  return { windowBytes, skipTuples: (bytes, count) => skipTuples(format, bytes, count) };
}
