/** What a task wrote down before, and will write down: opened from the job's store under the task's attempt. */
import { RainstormError, invariant } from '../base/errors.ts';
import { isReadOnce } from '../connect/open-source.ts';
import { SourceJournal } from '../connect/source-journal.ts';
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
  | {
      readonly kind: 'source';
      /** Where the source can be read only once. */
      readonly journal: SourceJournal | undefined;
      readonly checkpoints: SourceCheckpoints;
      readonly recovered: SourceCheckpoint | undefined;
      readonly positions: readonly ChannelPosition[];
    }
  | { readonly kind: 'operator'; readonly journal: InputJournal; readonly recovered: RecoveredInput; readonly positions: readonly ChannelPosition[] }
  | { readonly kind: 'sink'; readonly commits: SinkCommits; readonly recovered: SinkCommit | undefined; readonly positions: readonly ChannelPosition[] };

export interface MemorySurroundings {
  readonly deployment: Deployment;
  readonly topology: Topology;
  readonly store: LogStore | undefined;
  readonly attempt: number;
}

/** Rejects with what the log cannot be opened or read for, or SOURCE_FAILED where a source cannot be gone on with. */
export async function openMemory(ref: TaskRef, around: MemorySurroundings): Promise<TaskMemory> {
  const { deployment, topology, store, attempt } = around;
  if (store === undefined) return { kind: 'none' };
  if (ref.stage === sinkStage(topology) && !isResumable(deployment.sink)) return { kind: 'none' };
  const log = await store.open(logName(deployment.job, ref), attempt);
  return { tornTail: log.tornTail, ...(await readMemory(ref, around, log)) };
}

async function readMemory(ref: TaskRef, { deployment, topology }: MemorySurroundings, log: Log): Promise<WrittenMemory> {
  if (isOperatorTask(ref, topology)) {
    const journal = new InputJournal(log);
    const state = await journal.state(producersOf(topology, ref).length);
    return { kind: 'operator', journal, positions: state.positions, recovered: { ...state, end: journal.end } };
  }
  if (ref.stage === 0) return openSourceMemory(log, deployment.source);
  const commits = new SinkCommits(log);
  const recovered = await commits.last();
  return { kind: 'sink', commits, recovered, positions: recovered?.positions ?? [] };
}

async function openSourceMemory(log: Log, source: Deployment['source']): Promise<WrittenMemory> {
  const journal = isReadOnce(source) ? await SourceJournal.open(log) : undefined;
  const checkpoints = new SourceCheckpoints(log, journal === undefined ? undefined : (offsetBytes) => journal.firstNeeded(offsetBytes));
  if (journal !== undefined && log.attempt > 1 && !journal.ended) {
    await log.close();
    const { tuples, bytes } = journal.recorded;
    throw new RainstormError('SOURCE_FAILED', `the source cannot be read on: the worker that read ${source.kind === 'stdin' ? 'stdin' : 'it'} is gone after ${tuples} tuples (${bytes} bytes) were recorded, and before its end was`, {
      hint: 'What is read from a pipe can be read only once. Run the job anew, with the whole input; files can be read on.',
    });
  }
  return { kind: 'source', journal, checkpoints, recovered: await checkpoints.last(), positions: [] };
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
