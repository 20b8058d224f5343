/**
 * What the first attempt of a task begins with whose stage had another number of tasks before: a checkpoint put together from the
 * journals of those, which have ended.
 *
 * H1 It is a function of those journals, in the order of their tasks. Each key's state goes to the task that the key belongs to,
 *    and so does each tuple that was not fed.
 * H2 A producer that ended before it could go over to the new generation has ended for that.
 * H3 It is the first record of the task's journal: who finds one does not ask again.
 */
import { RainstormError } from '../base/errors.ts';
import { BlockSplitter } from '../job/block-splitter.ts';
import type { Block } from '../job/block.ts';
import { handOverOf } from '../job/hand-over.ts';
import { hashBytes, partitionOf, Partitioner } from '../job/partition.ts';
import type { Partitioning, StagePlan } from '../job/plan.ts';
import { divideChain, divideState } from '../kit/divide-state.ts';
import type { ChannelPosition } from '../wire/in-channel.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import type { JournalReader } from './input-journal.ts';
import { NOTHING_SKIPPED } from './skip.ts';

/** It is held in memory, twice, and must fit into one record of a journal. */
const MAX_INHERITED_BYTES = 512 * 1024 * 1024;

export interface Inheritance {
  readonly stage: StagePlan;
  /** Of the task among those of its generation. */
  readonly index: number;
  readonly maxTupleBytes: number;
  /** Of the tasks before, in the order of their indices. */
  readonly journals: readonly JournalReader[];
  /** That the task has, by their numbers. */
  readonly producers: readonly number[];
  /** Of the stage behind. */
  readonly generationBehind: number;
}

/** Rejects with NOT_SCALABLE, LOG_CORRUPT or STORE_FAILED. */
export async function inherit(from: Inheritance): Promise<Checkpoint> {
  const left = await Promise.all(from.journals.map(leftIn));
  return {
    after: 0,
    input: new Map(from.producers.filter((producer) => left.some(({ ended }) => ended.has(producer))).map((producer) => [producer, ENDED])),
    inputBytes: 0,
    skipped: NOTHING_SKIPPED,
    output: { tuples: 0, offsetBytes: 0, generation: from.generationBehind, channels: [] },
    held: [],
    state: await stateOf(from, left),
    complete: false,
  };
}

const ENDED: ChannelPosition = { next: 0, ended: true, digest: 0, superseded: false };

/** What a journal says at its end. */
interface Left {
  readonly journal: JournalReader;
  /** H2: producers that had nothing more for anybody. */
  readonly ended: ReadonlySet<number>;
  /** Of the last checkpoint. */
  readonly state: Buffer;
  /** It is the task's last word. */
  readonly complete: boolean;
}

/** Read once: a state may be large, and a stage stands still meanwhile. */
async function leftIn(journal: JournalReader): Promise<Left> {
  const ended = new Set<number>();
  let last: Pick<Left, 'state' | 'complete'> = { state: NO_STATE, complete: false };
  for await (const { entry } of journal.read()) {
    if (entry.kind === 'fin' && !entry.superseded) ended.add(entry.producer);
    if (entry.kind !== 'checkpoint') continue;
    last = entry.checkpoint;
    for (const [producer, position] of entry.checkpoint.input) if (position.ended && position.superseded !== true) ended.add(producer);
  }
  return { journal, ended, state: last.state, complete: last.complete };
}

async function stateOf(from: Inheritance, left: readonly Left[]): Promise<Buffer> {
  switch (handOverOf(from.stage)) {
    case 'drain':
      return NO_STATE;
    case 'state':
      return divided(from, left.map(lastState));
    case 'lines':
      return ownTuples(from, left, (task) => [lastState(task)]);
    case 'input':
      return ownTuples(from, left, inputOf);
  }
}

const NO_STATE = Buffer.alloc(0);

/** Of our tasks only one that had enough before its input ended has none. */
function lastState({ complete, state }: Left): Buffer {
  return complete ? state : NO_STATE;
}

function divided({ stage, index }: Inheritance, states: readonly Buffer[]): Buffer {
  const there = states.filter(({ length }) => length > 0);
  if (there.length === 0) return NO_STATE;
  const isOwn = (bytes: Buffer, start: number, end: number) => partitionOf(hashBytes(bytes, start, end), stage.tasks) === index;
  const operators = stage.program.kind === 'operators' ? stage.program.operators.length : 1;
  return operators === 1 ? divideState(there, isOwn) : divideChain(there, operators, isOwn);
}

/** What it began with itself, and all that it accepted since. */
async function* inputOf({ journal, state }: Left): AsyncGenerator<Buffer> {
  yield state;
  for await (const { entry } of journal.read()) if (entry.kind === 'frame') yield entry.bytes;
}

async function ownTuples({ stage, index, maxTupleBytes }: Inheritance, left: readonly Left[], tuplesIn: (task: Left) => Iterable<Buffer> | AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const [before, task] of left.entries()) {
    const splitter = new BlockSplitter({ format: stage.inputFormat, maxTupleBytes, where: `what stage ${stage.number} hands over` });
    const partitioner = new Partitioner(partitioningOf(stage), stage.tasks, 0);
    for await (const tuples of tuplesIn(task)) {
      for (const block of [splitter.push(tuples), splitter.end()]) {
        if (block === undefined) continue;
        const owners = new Uint16Array(block.count);
        if (handOverOf(stage) === 'lines') checkOwned(stage, block, left.length, before);
        partitioner.assign(block, 0, owners);
        for (const part of tuplesOf(block, owners, index)) {
          parts.push(part);
          bytes += part.length;
        }
      }
    }
  }
  if (bytes > MAX_INHERITED_BYTES) throw new RainstormError('NOT_SCALABLE', `stage ${stage.number} (${stage.name}) hands over ${bytes} bytes to one task; at most ${MAX_INHERITED_BYTES} are possible`);
  return Buffer.concat(parts);
}

/** What a task prints has the key of what it was fed, else it would not meet that again. */
function checkOwned(stage: StagePlan, block: Block, tasks: number, index: number): void {
  if (stage.partitioning.kind === 'spread') return;
  const owners = new Uint16Array(block.count);
  new Partitioner(stage.partitioning, tasks, 0).assign(block, 0, owners);
  if (owners.every((owner) => owner === index)) return;
  throw new RainstormError('NOT_SCALABLE', `stage ${stage.number} (${stage.name}) cannot have another number of tasks: what its operator prints has other keys than what it was fed`, {
    hint: 'A fold that is to be rescaled prints the key in the column where its input has it.',
  });
}

/** Any task may have them where there is no key: the one that their bytes lead to. */
function partitioningOf({ partitioning }: StagePlan): Partitioning {
  return partitioning.kind === 'spread' ? { kind: 'line' } : partitioning;
}

function* tuplesOf({ bytes, count, ends }: Block, owners: Uint16Array, index: number): Generator<Buffer> {
  let start = 0;
  for (let tuple = 0; tuple < count; tuple++) {
    const end = ends[tuple] ?? 0;
    // Copied: else the whole block would be kept for it.
    if (owners[tuple] === index) yield Buffer.from(bytes.subarray(start, end));
    start = end;
  }
}
