/**
 * What must be true of a job that has ended, whatever happened on the way. The oracle is each task's journal: fed to the
 * program once, without any fault, it gives what the consumers must have, tuple for tuple and in order.
 */
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import { Partitioner } from '../../src/job/partition.ts';
import { partitioningAfter, tasksOfStage } from '../../src/job/topology.ts';
import { InputJournal } from '../../src/task/input-journal.ts';
import { frail, isPoison, makeProgram, withoutMark, type Program } from './programs.ts';
import { linesOf, type StageShape } from './shape.ts';
import type { World } from './world.ts';
import type { SimLog } from './sim-log.ts';

interface Taken {
  /** Lines by producer, in the order of the journal. */
  readonly byProducer: readonly (readonly string[])[];
  /** All lines, in the order of the journal, from cut to cut. */
  readonly pieces: readonly (readonly string[])[];
  readonly bytes: Buffer;
  /** Where an operator may begin: offsets of cuts, of checkpoints, and 0. */
  readonly starts: readonly number[];
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
    const taken = Array.from({ length: stage.tasks }, (_, task) => takenBy(world.journalOf(number, task), outputs.length));
    checkArrivals(world, number, outputs, taken, hasHead(shape.stages.slice(index)));
    for (const [task, { skipped }] of taken.entries()) checkSkipped(skipped, world.deadLettersOf({ stage: number, index: task }).bytes);
    // One that dies of certain tuples is fed less each time, and more in trials.
    const isFedAll = stage.contract !== 'fold' && stage.frailty === 'none';
    for (const [task, { bytes, starts }] of taken.entries()) if (isFedAll) checkFeeding(world.fedTo(number, task), bytes, starts, `${number}-${task}`);
    const printed = taken.map(({ pieces }) => runUnder(stage, pieces));
    checkSurvival(number, printed, hasHead(shape.stages.slice(number)));
    outputs = printed.map(({ lines }) => lines);
  }
  const isMarked = shape.stages.at(-1)?.program === 'chance';
  checkResult(isMarked ? world.result.map(withoutMark) : world.result, outputs);
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
function takenBy(log: SimLog, producers: number): Taken {
  const byProducer = Array.from({ length: producers }, (): string[] => []);
  const ended = new Set<number>();
  const pieces: string[][] = [[]];
  const chunks: Buffer[] = [];
  const offsets: number[] = [];
  const starts = [0];
  const skipped: string[] = [];
  let at = 0;
  const entries = [...new InputJournal(log).entries(log.records)];
  const skips = entries.flatMap((entry) => (entry.kind === 'skip' ? [entry.skip] : []));
  for (const [position, entry] of entries.entries()) {
    offsets.push(at);
    if (entry.kind === 'checkpoint') starts.push(offsets[entry.checkpoint.after] ?? at);
    // A cut behind which nothing was fed, or behind all ends, is none.
    if (entry.kind === 'cut' && pieces.at(-1)?.length !== 0 && ended.size < producers) {
      pieces.push([]);
      starts.push(at);
    }
    if (entry.kind !== 'frame' && entry.kind !== 'fin') continue;
    const lines = byProducer[entry.producer] as string[];
    const number = entry.kind === 'frame' ? entry.first : entry.sequence;
    if (ended.has(entry.producer) || number !== lines.length) throw new Error(`check 3: ${entry.kind} ${number} of producer ${entry.producer} in ${log.name} after ${lines.length}`);
    if (entry.kind === 'fin') ended.add(entry.producer);
    else {
      const added = linesOf(entry.bytes);
      if (added.length !== entry.count) throw new Error(`check 3: a frame of ${entry.count} holds ${added.length} tuples`);
      lines.push(...added);
      pieces.at(-1)?.push(...added.filter((_, index) => !skips.some((skip) => skip.position === position && skip.index === index)));
      chunks.push(entry.bytes);
      at += entry.bytes.length;
    }
  }
  for (const { position, index } of skips) {
    const frame = entries[position];
    if (skips.filter((skip) => skip.position === position && skip.index === index).length > 1) throw new Error(`check 17: a tuple of ${log.name} is left out twice`);
    if (frame?.kind === 'frame') skipped.push(linesOf(frame.bytes)[index] ?? '');
  }
  return { byProducer, pieces, bytes: Buffer.concat(chunks), starts, skipped };
}

/** Only what a program dies of is left out, and is put aside once. */
function checkSkipped(skipped: readonly string[], deadLetters: Buffer): void {
  const wrong = skipped.find((line) => !isPoison(line));
  if (wrong !== undefined) throw new Error(`check 17: "${wrong}" is left out, of which no program dies`);
  same(skipped, linesOf(deadLetters), 'check 17: the dead letters');
}

/** Check 6: each operator was fed what the journal holds from some cut or checkpoint on, in its order. */
function checkFeeding(fed: readonly Buffer[], journal: Buffer, starts: readonly number[], task: string): void {
  for (const bytes of fed) {
    const isInOrder = starts.some((start) => journal.subarray(start, start + bytes.length).equals(bytes));
    if (!isInOrder) throw new Error(`check 6: an operator of task ${task} was fed something else than its journal`);
  }
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
