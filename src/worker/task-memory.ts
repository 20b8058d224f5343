/** What a task wrote down before, and will write down: opened from the job's store under the task's attempt. */
import { invariant } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { logName, taskName, type TaskRef } from '../job/task-id.ts';
import { isOperatorTask, producersOf, sinkStage, type Topology } from '../job/topology.ts';
import type { Log, LogStore, TornTail } from '../log/log.ts';
import { InputJournal } from '../task/input-journal.ts';
import type { RecoveredInput } from '../task/operator-task-options.ts';
import { SourceCheckpoints, type SourceCheckpoint } from '../task/source-checkpoints.ts';
import { SinkCommits, type SinkCommit } from '../task/sink-commits.ts';
import type { ChannelPosition } from '../wire/in-channel.ts';

export type TaskMemory =
  /** Nothing is to survive a crash. */
  | { readonly kind: 'none' }
  | ({ readonly tornTail: TornTail | undefined } & WrittenMemory);

type WrittenMemory =
  | { readonly kind: 'source'; readonly checkpoints: SourceCheckpoints; readonly recovered: SourceCheckpoint | undefined; readonly positions: readonly ChannelPosition[] }
  | { readonly kind: 'operator'; readonly journal: InputJournal; readonly recovered: RecoveredInput; readonly positions: readonly ChannelPosition[] }
  | { readonly kind: 'sink'; readonly commits: SinkCommits; readonly recovered: SinkCommit | undefined; readonly positions: readonly ChannelPosition[] };

export interface MemorySurroundings {
  readonly deployment: Deployment;
  readonly topology: Topology;
  readonly store: LogStore | undefined;
  readonly attempt: number;
}

/** Rejects with what the log cannot be opened or read for. */
export async function openMemory(ref: TaskRef, { deployment, topology, store, attempt }: MemorySurroundings): Promise<TaskMemory> {
  if (store === undefined) return { kind: 'none' };
  if (ref.stage === sinkStage(topology) && !isResumable(deployment.sink)) return { kind: 'none' };
  const log = await store.open(logName(deployment.job, ref), attempt);
  return { tornTail: log.tornTail, ...(await readMemory(ref, topology, log)) };
}

async function readMemory(ref: TaskRef, topology: Topology, log: Log): Promise<WrittenMemory> {
  if (isOperatorTask(ref, topology)) {
    const journal = new InputJournal(log);
    const state = await journal.state(producersOf(topology, ref).length);
    return { kind: 'operator', journal, positions: state.positions, recovered: { ...state, end: journal.end } };
  }
  if (ref.stage === 0) {
    const checkpoints = new SourceCheckpoints(log);
    return { kind: 'source', checkpoints, recovered: await checkpoints.last(), positions: [] };
  }
  const commits = new SinkCommits(log);
  const recovered = await commits.last();
  return { kind: 'sink', commits, recovered, positions: recovered?.positions ?? [] };
}

/** What went to a pipe, a terminal or a device cannot be taken back. */
function isResumable(sink: Deployment['sink']): boolean {
  return sink.kind === 'file' || sink.kind === 'folder';
}

export function attemptOf(ref: TaskRef, deployment: Deployment): number {
  const place = deployment.placement.find(({ stage, index }) => stage === ref.stage && index === ref.index);
  invariant(place !== undefined, `task ${taskName(ref)} is placed`);
  return place.attempt;
}
