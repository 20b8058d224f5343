/**
 * What must be true of a job that has ended, whatever happened on the way. The oracle is each task's journal: fed to the
 * program once, without any fault, it gives what the consumers must have, tuple for tuple and in order.
 */
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import { Partitioner } from '../../src/job/partition.ts';
import type { Partitioning } from '../../src/job/plan.ts';
import { FIRST_GENERATION, logName, producerNumber, taskName, type TaskRef } from '../../src/job/task-id.ts';
import { partitioningAfter } from '../../src/job/topology.ts';
import type { JournalEntry } from '../../src/task/input-journal.ts';
import type { Skip } from '../../src/task/skip.ts';
import { decodeSwitch } from '../../src/task/switch-point.ts';
import { ENTRIES } from './durable-input.ts';
import { isPoison, withoutMark } from './programs.ts';
import { linesOf, type StageShape } from './shape.ts';
import { undisturbed, type Printed } from './undisturbed.ts';
import type { World } from './world.ts';

interface Taken {
  /** Lines by producer's number, in the order of the journal. */
  readonly byProducer: ReadonlyMap<number, readonly string[]>;
  /** All lines that are not left out, in the order of the journal, from cut to cut. */
  readonly pieces: readonly (readonly string[])[];
  /** Lines that are left out, in the order in which that was recorded. */
  readonly skipped: readonly string[];
  /** It handed over to a next generation. */
  readonly superseded: boolean;
  /** SWITCHes, by the generation that they lead to. */
  readonly switches: ReadonlyMap<number, number>;
}

/** All that a task put out, and which generation of the stage behind got what of it. */
interface Output {
  readonly ref: TaskRef;
  readonly lines: readonly string[];
  /** Of the first tuple that a generation gets; from the beginning where there is none. */
  readonly switches: ReadonlyMap<number, number>;
}

/** Throws what is wrong, citing the number of the check. */
export function checkOutcome(world: World): void {
  const { shape } = world;
  let outputs: readonly Output[] = [{ ref: SOURCE, lines: shape.lines, switches: sourceSwitches(world) }];
  for (const [index, stage] of shape.stages.entries()) {
    const number = index + 1;
    const made: Output[] = [];
    let left: readonly (readonly string[])[] = [];
    const printed: Printed[] = [];
    for (const generation of generationsOf(world, number)) {
      const taken = generation.map((ref) => takenBy(world, ref));
      const begins = generation.map((_, task) => left.flatMap((lines) => ownLines(stage, lines, generation.length, task)));
      checkArrivals(world, generation, outputs, taken, hasHead(shape.stages.slice(index)));
      const isUnwanted = hasHead(shape.stages.slice(number));
      if (!isUnwanted && taken.some(({ superseded }) => superseded) !== taken.every(({ superseded }) => superseded)) throw new Error(`check 10: of stage ${number} some tasks hand over and some do not`);
      for (const [task, ref] of generation.entries()) checkSkipped(taken[task]?.skipped ?? [], world.deadLettersOf(ref).bytes);
      const isFirst = generation[0]?.generation === FIRST_GENERATION;
      const present = taken.map(({ pieces, superseded }, task) => undisturbed(stage, isFirst || stage.contract !== 'restart' ? pieces : fed(pieces), begins[task] ?? [], superseded));
      left = present.map((task) => task.left);
      printed.push(...present);
      made.push(...generation.map((ref, task) => ({ ref, lines: present[task]?.lines ?? [], switches: taken[task]?.switches ?? new Map<number, number>() })));
    }
    checkSurvival(number, printed, hasHead(shape.stages.slice(number)));
    outputs = made;
  }
  const isMarked = shape.stages.at(-1)?.program === 'chance';
  const result = world.result.lines;
  if (result === undefined) throw new Error('check 17: the job is done, and its result is not there');
  checkResult(isMarked ? result.map(withoutMark) : result, outputs.map(({ lines }) => lines));
  if (shape.stages.every(({ program, keyed, frailty }) => program === 'copy' && keyed && frailty === 'none')) checkKeyOrder(shape.lines, result);
}

const SOURCE: TaskRef = { stage: 0, generation: FIRST_GENERATION, index: 0 };

/** The tasks of a stage, generation by generation; those that came to nothing are none. */
function generationsOf(world: World, stage: number): TaskRef[][] {
  const generations = new Map<number, TaskRef[]>();
  for (const ref of world.tasksOf(stage)) generations.set(ref.generation, [...(generations.get(ref.generation) ?? []), ref]);
  return [...generations.values()];
}

function sourceSwitches(world: World): Map<number, number> {
  const records = world.disk.recordsOf(logName(world.job, SOURCE)).filter(({ type }) => type === SOURCE_SWITCH_TYPE);
  return new Map(records.map(({ payload }) => decodeSwitch(payload)).map(({ generation, ordinal }) => [generation, ordinal]));
}

const SOURCE_SWITCH_TYPE = 12;

/** Check 12: nothing that has happened on the way has changed the order of one key's tuples. */
function checkKeyOrder(wanted: readonly string[], result: readonly string[]): void {
  const byKey = (lines: readonly string[]) => Map.groupBy(lines, (line) => line.split(',')[0]);
  const got = byKey(result);
  for (const [key, lines] of byKey(wanted)) same(lines, got.get(key) ?? [], `check 12: the tuples of key ${key}`);
}

/** Of lines that a task has left, those that a successor begins with. */
function ownLines({ keyed }: StageShape, lines: readonly string[], tasks: number, index: number): string[] {
  return partition(lines, keyed ? { kind: 'column', column: 1 } : { kind: 'line' }, tasks, 0)[index] ?? [];
}

/** Some stage may have enough before its input ended, and then nobody wants what comes behind that. */
function hasHead(stages: readonly StageShape[]): boolean {
  return stages.some(({ program }) => program === 'head');
}

/** What an operator dies of it may have been fed only where nobody wants what comes behind that; otherwise it is left out. */
function checkSurvival(stage: number, printed: readonly Printed[], unwanted: boolean): void {
  const at = printed.findIndex(({ dead }) => dead);
  if (at !== -1 && !unwanted) throw new Error(`check 17: task ${stage}-${at} has finished though its program dies of what it was fed`);
}

/** The result is the outputs of the last stage, each in its order, and nothing else. */
function checkResult(result: readonly string[], outputs: readonly (readonly string[])[]): void {
  same(outputs.flat().toSorted(), result.toSorted(), 'check 17: the result, sorted');
  for (const [producer, lines] of outputs.entries()) {
    let at = 0;
    for (const line of result) if (line === lines[at]) at += 1;
    if (at < lines.length) throw new Error(`check 12: the order of producer ${producer}'s tuples is not kept in the result`);
  }
}

/** Checks 8, 9, 10: which generation gets a tuple follows from the recorded SWITCHes alone, and which task of it from the key or place. */
function checkArrivals(world: World, consumers: readonly TaskRef[], outputs: readonly Output[], taken: readonly Taken[], prefix: boolean): void {
  const [{ stage, generation }] = consumers as [TaskRef];
  for (const { ref, lines, switches } of outputs) {
    const from = generation === FIRST_GENERATION && ref.generation === FIRST_GENERATION ? 0 : switches.get(generation);
    const behind = [...switches].filter(([next]) => next > generation).map(([, ordinal]) => ordinal);
    const wantedOf = from === undefined ? [] : route(world, stage, ref.index, lines, [from, Math.min(lines.length, ...behind)], consumers.length);
    for (const [consumer, { byProducer }] of taken.entries()) {
      // What a program of chance has printed nobody knows but its consumers: that it is all of one mould is what counts.
      const isMarked = world.shape.stages[stage - 2]?.program === 'chance';
      const came = byProducer.get(producerNumber(ref)) ?? [];
      const got = isMarked ? came.map(withoutMark) : came;
      const wanted = wantedOf[consumer] ?? [];
      same(prefix ? wanted.slice(0, got.length) : wanted, got, `check 10: task ${taskName(consumers[consumer] as TaskRef)} from ${taskName(ref)}`);
    }
  }
}

/** Where each of the lines from one ordinal to another goes, decided over the whole output at once. */
function route(world: World, stage: number, producer: number, lines: readonly string[], [from, to]: readonly [number, number], parts: number): string[][] {
  const before = lines.slice(0, from).reduce((bytes, line) => bytes + line.length + 1, 0);
  return partition(lines.slice(from, to), partitioningAfter(world.topology, stage - 1), parts, producer, before);
}

function partition(lines: readonly string[], partitioning: Partitioning, parts: number, producer: number, offsetBytes = 0): string[][] {
  const routed = Array.from({ length: parts }, (): string[] => []);
  const splitter = new BlockSplitter({ format: 'lines', maxTupleBytes: 1 << 20, where: 'check' });
  const block = splitter.push(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));
  if (block === undefined) return routed;
  const owners = new Uint16Array(block.count);
  if (parts > 1) new Partitioner(partitioning, parts, producer).assign(block, offsetBytes, owners);
  for (const [index, line] of lines.entries()) routed[owners[index] as number]?.push(line);
  return routed;
}

/** Check 3: each producer's numbers are 0, 1, 2 … without gap or repetition, and nothing follows an end. */
function takenBy(world: World, task: TaskRef): Taken {
  const byProducer = new Map<number, string[]>();
  const ended = new Set<number>();
  const switches = new Map<number, number>();
  let superseded = false;
  const pieces: string[][] = [[]];
  const name = logName(world.job, task);
  const entries = [...ENTRIES.entries(world.disk.recordsOf(name))];
  const skips = entries.flatMap((entry) => (entry.kind === 'skip' ? [entry.skip] : []));
  for (const [position, entry] of entries.entries()) {
    // A cut behind which nothing was fed is none.
    if (entry.kind === 'cut' && pieces.at(-1)?.length !== 0) pieces.push([]);
    if (entry.kind === 'switch') switches.set(entry.point.generation, entry.point.ordinal);
    // Only the first of a later generation, which knows where that begins.
    if (entry.kind === 'checkpoint' && position === 0) switches.set(entry.checkpoint.output.generation, 0);
    if (entry.kind !== 'frame' && entry.kind !== 'fin') continue;
    const lines = byProducer.get(entry.producer) ?? [];
    byProducer.set(entry.producer, lines);
    const number = entry.kind === 'frame' ? entry.first : entry.sequence;
    if (ended.has(entry.producer) || number !== lines.length) throw new Error(`check 3: ${entry.kind} ${number} of producer ${entry.producer} in ${name} after ${lines.length}`);
    if (entry.kind === 'fin') {
      ended.add(entry.producer);
      superseded ||= entry.superseded;
    } else {
      const added = linesOf(entry.bytes);
      if (added.length !== entry.count) throw new Error(`check 3: a frame of ${entry.count} holds ${added.length} tuples`);
      lines.push(...added);
      pieces.at(-1)?.push(...added.filter((_, index) => !skips.some((skip) => skip.position === position && skip.index === index)));
    }
  }
  return { byProducer, pieces, skipped: skippedLines(name, entries, skips), superseded, switches };
}

function skippedLines(name: string, entries: readonly JournalEntry[], skips: readonly Skip[]): string[] {
  const places = skips.map(({ position, index }) => `${position} ${index}`);
  if (new Set(places).size < places.length) throw new Error(`check 17: a tuple of ${name} is left out twice`);
  return skips.map(({ position, index }) => {
    const frame = entries[position];
    return frame?.kind === 'frame' ? (linesOf(frame.bytes)[index] ?? '') : '';
  });
}

/** Only what a program dies of is left out, and is put aside once. */
function checkSkipped(skipped: readonly string[], deadLetters: Buffer): void {
  const wrong = skipped.find((line) => !isPoison(line));
  if (wrong !== undefined) throw new Error(`check 17: "${wrong}" is left out, of which no program dies`);
  same(skipped, linesOf(deadLetters), 'check 17: the dead letters');
}

/** A task of a later generation was never the only one. */
function fed(pieces: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return pieces.filter(({ length }) => length > 0);
}

function same(wanted: readonly string[], got: readonly string[], what: string): void {
  const at = wanted.findIndex((line, index) => line !== got[index]);
  if (at === -1 && wanted.length === got.length) return;
  const place = at === -1 ? wanted.length : at;
  throw new Error(`${what}: ${got.length} lines instead of ${wanted.length}; at ${place} "${got[place]}" instead of "${wanted[place]}"`);
}
