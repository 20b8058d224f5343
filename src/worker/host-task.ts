/** Puts a task together with its log, its journal and the ends of its channels. */
import { join } from 'node:path';
import type { Deployment } from '../control/schemas.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { Topology } from '../job/topology.ts';
import type { LogStore } from '../log/log.ts';
import { LocalLog, type TaskLog } from '../task/local-log.ts';
import { attemptOf, openMemory, generationIn, positionsIn, switchesIn, type TaskMemory } from './task-memory.ts';
import { makeTask, type HostedTask, type UserStreams } from './make-task.ts';
import { TaskChannels } from './task-channels.ts';

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
  readonly channels: TaskChannels;
}

/** Nothing runs yet. Throws what the journal cannot be opened for. */
export async function hostTask(ref: TaskRef, around: HostSurroundings): Promise<Hosted> {
  const { deployment, topology } = around;
  const id = taskId(ref);
  const attempt = attemptOf(ref, deployment);
  const memory = await openMemory(ref, { deployment, topology, store: around.store, attempt });
  const log = new LocalLog(join(around.dataDir, 'jobs', deployment.job, 'logs', `${id}.log`), id, deployment.plan.logTuples);
  noteTornTail(memory, log);
  const channels = new TaskChannels({ ref, attempt, topology, windowBytes: around.windowBytes, positions: positionsIn(memory), switches: switchesIn(memory), generation: generationIn(memory) });
  const task = makeTask(ref, {
    deployment,
    topology,
    streams: around.streams,
    log,
    attempt,
    memory,
    lanes: channels.lanes,
    receivers: () => channels.receivers,
    producers: () => channels.producers,
    changed: around.changed,
  });
  channels.bind(task);
  return { ref, task, log, channels };
}

/** What was never written to its end was never acked either: nothing is lost, but who looks for a reason is to find it. */
function noteTornTail(memory: TaskMemory, log: LocalLog): void {
  if (memory.kind === 'none' || memory.tornTail === undefined) return;
  const { position, bytes } = memory.tornTail;
  log.event('NOTE', `record ${position} of what the attempt before had written down was not complete; its ${bytes} bytes are left out`);
}
