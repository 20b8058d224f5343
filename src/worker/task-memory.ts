/** What a task wrote down before, and will write down: opened from the job's store under the task's attempt. */
import { RainstormError, invariant } from '../base/errors.ts';
import { isReadOnce } from '../connect/open-source.ts';
import { SourceJournal } from '../connect/source-journal.ts';
import type { Deployment } from '../control/schemas.ts';
import { FIRST_GENERATION, logName, producerNumber, taskName, type TaskRef } from '../job/task-id.ts';
import { generationOfStage, isOperatorTask, producersOf, sinkStage, stageBehind, stageNumbered, type Topology } from '../job/topology.ts';
import type { Log, LogStore, TornTail } from '../log/log.ts';
import { inherit } from '../task/inherit.ts';
import { InputJournal, JournalReader } from '../task/input-journal.ts';
import type { RecoveredInput } from '../task/operator-task-options.ts';
import { SourceCheckpoints, type SourceCheckpoint } from '../task/source-checkpoints.ts';
import type { SwitchPoint } from '../task/switch-point.ts';
import { SinkCommits, type SinkCommit } from '../task/sink-commits.ts';
import type { ChannelPositions } from '../wire/in-channel.ts';

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
      readonly switches: readonly SwitchPoint[];
      readonly positions: ChannelPositions;
    }
  | { readonly kind: 'operator'; readonly journal: InputJournal; readonly recovered: RecoveredInput; readonly positions: ChannelPositions }
  | { readonly kind: 'sink'; readonly commits: SinkCommits; readonly recovered: SinkCommit | undefined; readonly positions: ChannelPositions };

const NO_POSITIONS: ChannelPositions = new Map();

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
  return { tornTail: log.tornTail, ...(await readMemory(ref, around, store, log)) };
}

async function readMemory(ref: TaskRef, around: MemorySurroundings, store: LogStore, log: Log): Promise<WrittenMemory> {
  const { deployment, topology } = around;
  if (isOperatorTask(ref, topology)) {
    const journal = new InputJournal(log);
    await inheritOnce(ref, around, store, journal);
    const state = await journal.state();
    return { kind: 'operator', journal, positions: state.positions, recovered: { ...state, end: journal.end } };
  }
  if (ref.stage === 0) return openSourceMemory(log, deployment.source);
  const commits = new SinkCommits(log);
  const recovered = await commits.last();
  return { kind: 'sink', commits, recovered, positions: recovered?.positions ?? NO_POSITIONS };
}

/** H3: a task of a later generation begins where those of the one before have ended. */
async function inheritOnce(ref: TaskRef, { deployment, topology }: MemorySurroundings, store: LogStore, journal: InputJournal): Promise<void> {
  if (ref.generation === FIRST_GENERATION || journal.end > 0) return;
  const stage = stageNumbered(topology.plan, ref.stage);
  invariant(stage?.predecessors !== undefined, `the generation before that of task ${taskName(ref)} is known`);
  const before = Array.from({ length: stage.predecessors }, (_, index) => logName(deployment.job, { stage: ref.stage, generation: ref.generation - 1, index }));
  const journals = await Promise.all(before.map(async (name) => new JournalReader(await store.look(name))));
  await journal.record(await inherit({
    stage,
    index: ref.index,
    maxTupleBytes: deployment.plan.maxTupleBytes,
    journals,
    producers: producersOf(topology, ref).map(producerNumber),
    generationBehind: generationOfStage(topology, stageBehind(topology, ref.stage)),
  }));
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
  const recovered = await checkpoints.last();
  return { kind: 'source', journal, checkpoints, recovered, switches: await checkpoints.switchesBehind(recovered), positions: NO_POSITIONS };
}

/** What went to a pipe, a terminal or a device cannot be taken back. */
function isResumable(sink: Deployment['sink']): boolean {
  return sink.kind === 'file' || sink.kind === 'folder';
}

export function positionsIn(memory: TaskMemory): ChannelPositions {
  return memory.kind === 'none' ? NO_POSITIONS : memory.positions;
}

/** The SWITCHes behind a task's checkpoint. */
export function switchesIn(memory: TaskMemory): readonly SwitchPoint[] {
  if (memory.kind === 'operator') return memory.recovered.switches;
  return memory.kind === 'source' ? memory.switches : [];
}

/** Of the stage behind, that the output of a task's checkpoint goes to. */
export function generationIn(memory: TaskMemory): number | undefined {
  if (memory.kind === 'operator') return memory.recovered.checkpoint?.output.generation;
  return memory.kind === 'source' ? memory.recovered?.output.generation : undefined;
}

export function attemptOf(ref: TaskRef, deployment: Deployment): number {
  const place = deployment.placement.find(({ stage, index }) => stage === ref.stage && index === ref.index);
  invariant(place !== undefined, `task ${taskName(ref)} is placed`);
  return place.attempt;
}
