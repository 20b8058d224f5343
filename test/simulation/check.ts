/**
 * What must be true of a job that has ended, whatever happened on the way. The oracle is each task's journal: fed to the
 * program once, without any fault, it gives what the consumers must have, tuple for tuple and in order.
 */
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import { Partitioner } from '../../src/job/partition.ts';
import { FIRST_GENERATION, logName, type TaskRef } from '../../src/job/task-id.ts';
import { partitioningAfter, tasksOfStage } from '../../src/job/topology.ts';
import type { JournalEntry } from '../../src/task/input-journal.ts';
import type { Skip } from '../../src/task/skip.ts';
import { ENTRIES } from './durable-input.ts';
import { frail, isPoison, makeProgram, withoutMark, type Program } from './programs.ts';
import { linesOf, type StageShape } from './shape.ts';
import type { World } from './world.ts';

interface Taken {
  /** Lines by producer, in the order of the journal. */
  readonly byProducer: readonly (readonly string[])[];
  /** All lines that are not left out, in the order of the journal, from cut to cut. */
  readonly pieces: readonly (readonly string[])[];
  /** Lines that are left out, in the order in which that was recorded. */
  readonly skipped: readonly string[];
}

/** What a task's copies print without any fault. */
interface Printed {
  readonly lines: readonly string[];
  /** The last of it is what one printed before it died of a line that is not left out. */
  readonly dead: boolean;
}

/** Throws what is wrong, citing the number of the check. */
export function checkOutcome(world: World): void {
  const { shape } = world;
  let outputs: readonly (readonly string[])[] = [shape.lines];
  for (const [index, stage] of shape.stages.entries()) {
    const number = index + 1;
    const refs = Array.from({ length: stage.tasks }, (_, task): TaskRef => ({ stage: number, generation: FIRST_GENERATION, index: task }));
    const taken = refs.map((ref) => takenBy(world, ref, outputs.length));
    checkArrivals(world, number, outputs, taken, hasHead(shape.stages.slice(index)));
    for (const [task, ref] of refs.entries()) checkSkipped(taken[task]?.skipped ?? [], world.deadLettersOf(ref).bytes);
    const printed = taken.map(({ pieces }) => runUnder(stage, pieces));
    checkSurvival(number, printed, hasHead(shape.stages.slice(number)));
    outputs = printed.map(({ lines }) => lines);
  }
  const isMarked = shape.stages.at(-1)?.program === 'chance';
  const result = world.result.lines;
  if (result === undefined) throw new Error('check 17: the job is done, and its result is not there');
  checkResult(isMarked ? result.map(withoutMark) : result, outputs);
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

function checkArrivals(world: World, stage: number, outputs: readonly (readonly string[])[], taken: readonly Taken[], prefix: boolean): void {
  for (const [producer, lines] of outputs.entries()) {
    const routed = route(world, stage, producer, lines);
    for (const [consumer, { byProducer }] of taken.entries()) {
      // What a program of chance has printed nobody knows but its consumers: that it is all of one mould is what counts.
      const isMarked = world.shape.stages[stage - 2]?.program === 'chance';
      const got = isMarked ? (byProducer[producer] ?? []).map(withoutMark) : (byProducer[producer] ?? []);
      const wanted = routed[consumer] ?? [];
      same(prefix ? wanted.slice(0, got.length) : wanted, got, `check 10: task ${stage}-${consumer} from ${stage - 1}-${producer}`);
    }
  }
}

/** Where each line goes, decided over the whole output at once. */
function route(world: World, stage: number, producer: number, lines: readonly string[]): string[][] {
  const parts = tasksOfStage(world.topology, stage);
  const routed = Array.from({ length: parts }, (): string[] => []);
  const splitter = new BlockSplitter({ format: 'lines', maxTupleBytes: 1 << 20, where: 'check' });
  const block = splitter.push(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));
  if (block === undefined) return routed;
  const owners = new Uint16Array(block.count);
  if (parts > 1) new Partitioner(partitioningAfter(world.topology, stage - 1), parts, producer).assign(block, 0, owners);
  for (const [index, line] of lines.entries()) routed[owners[index] as number]?.push(line);
  return routed;
}

/** Check 3: each producer's numbers are 0, 1, 2 … without gap or repetition, and nothing follows an end. */
function takenBy(world: World, task: TaskRef, producers: number): Taken {
  const byProducer = Array.from({ length: producers }, (): string[] => []);
  const ended = new Set<number>();
  const pieces: string[][] = [[]];
  const name = logName(world.job, task);
  const entries = [...ENTRIES.entries(world.disk.recordsOf(name))];
  const skips = entries.flatMap((entry) => (entry.kind === 'skip' ? [entry.skip] : []));
  for (const [position, entry] of entries.entries()) {
    // A cut behind which nothing was fed, or behind all ends, is none.
    if (entry.kind === 'cut' && pieces.at(-1)?.length !== 0 && ended.size < producers) pieces.push([]);
    if (entry.kind !== 'frame' && entry.kind !== 'fin') continue;
    const lines = byProducer[entry.producer] as string[];
    const number = entry.kind === 'frame' ? entry.first : entry.sequence;
    if (ended.has(entry.producer) || number !== lines.length) throw new Error(`check 3: ${entry.kind} ${number} of producer ${entry.producer} in ${name} after ${lines.length}`);
    if (entry.kind === 'fin') ended.add(entry.producer);
    else {
      const added = linesOf(entry.bytes);
      if (added.length !== entry.count) throw new Error(`check 3: a frame of ${entry.count} holds ${added.length} tuples`);
      lines.push(...added);
      pieces.at(-1)?.push(...added.filter((_, index) => !skips.some((skip) => skip.position === position && skip.index === index)));
    }
  }
  return { byProducer, pieces, skipped: skippedLines(name, entries, skips) };
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

/** Under `fold` nothing goes out before the end. */
function runUnder({ contract, program, frailty }: StageShape, pieces: readonly (readonly string[])[]): Printed {
  const copy = () => frail(makeProgram(program), frailty);
  if (contract === 'fold') return fold(copy, pieces);
  const fed = contract === 'restart' ? pieces.filter((piece, index) => index === 0 || piece.length > 0) : [pieces.flat()];
  const out: string[] = [];
  for (const piece of fed) {
    const { lines, dead } = run(copy(), piece);
    out.push(...lines);
    if (dead) return { lines: out, dead };
  }
  return { lines: out, dead: false };
}

function fold(copy: () => Program, pieces: readonly (readonly string[])[]): Printed {
  let state: readonly string[] = [];
  for (const piece of pieces) {
    const { lines, dead } = run(copy(), [...state, ...piece]);
    if (dead) return { lines: [], dead };
    state = lines;
  }
  return { lines: state, dead: false };
}

function run(program: Program, lines: readonly string[]): Printed {
  const out: string[] = [];
  for (const line of lines) {
    if (program.enough) return { lines: out, dead: false };
    out.push(...program.line(line));
    if (program.dead === true) return { lines: out, dead: true };
  }
  return { lines: [...out, ...program.end()], dead: false };
}

function same(wanted: readonly string[], got: readonly string[], what: string): void {
  const at = wanted.findIndex((line, index) => line !== got[index]);
  if (at === -1 && wanted.length === got.length) return;
  const place = at === -1 ? wanted.length : at;
  throw new Error(`${what}: ${got.length} lines instead of ${wanted.length}; at ${place} "${got[place]}" instead of "${wanted[place]}"`);
}
