/** One simulated job: its shape and its faults follow from the seed. */
import type { CheckpointEvery, Contract } from '../../src/job/contract.ts';
import { checkOutcome } from './check.ts';
import type { Frailty, ProgramKind } from './programs.ts';
import { Scheduler, settled } from './scheduler.ts';
import type { Shape, StageShape } from './shape.ts';
import { World } from './world.ts';

/** A job of this size ends within a few thousand steps; one that takes so many hangs. */
const MAX_STEPS = 60_000;

export interface Report {
  readonly steps: number;
  readonly crashes: number;
  readonly cuts: number;
  /** Tasks that died with their workers. */
  readonly deaths: number;
  /** Tuples left out. */
  readonly skips: number;
  readonly rejected: number;
  readonly replays: number;
  readonly checkpoints: number;
  /** Copies of operators that took over at a cut. */
  readonly copies: number;
  /** Sources that went on from their journal alone, and jobs that could not since that had no end. */
  readonly reread: number;
  readonly refused: number;
}

/** Throws what went wrong; the message names the seed. */
export async function simulate(seed: number): Promise<Report> {
  const scheduler = new Scheduler(seed);
  const world = new World(scheduler, shapeFor(scheduler));
  let crashes = [0, 1, 3, 8][scheduler.random.below(4)] as number;
  let cuts = [0, 1, 4, 10][scheduler.random.below(4)] as number;
  let deaths = [0, 0, 1, 4][scheduler.random.below(4)] as number;
  const report = { crashes, cuts, deaths };
  try {
    await world.start();
    await settled();
    while (!world.done) {
      if (scheduler.idle) throw new Error(`check 16: nothing can happen any more: ${world.states()}`);
      if (scheduler.steps > MAX_STEPS) throw new Error(`check 16: no end after ${MAX_STEPS} steps: ${world.states()}`);
      await scheduler.step();
      world.checkLimits();
      if (crashes > 0 && scheduler.chance(60) && world.crashOperator()) crashes -= 1;
      if (deaths > 0 && scheduler.chance(80) && world.crashTask()) deaths -= 1;
      if (cuts > 0 && scheduler.chance(60)) {
        world.cutConnection();
        cuts -= 1;
      }
    }
    if (world.failure !== undefined && mayFail(world)) return reportOf(report, world);
    if (world.failure !== undefined) throw new Error(`check 16: the job failed: ${world.failure}`);
    if (!world.refused) checkOutcome(world);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return reportOf(report, world);
}

/**
 * Nothing can be left out where consumers have what a loud program said of the line that it died of, where there are none but
 * such lines, and where a consumer had enough, and so has told no later attempt of the task what it had taken.
 */
function mayFail({ failure = '', shape, events }: World): boolean {
  const isLoud = shape.stages.some(({ frailty }) => frailty === 'loud');
  const isFrail = shape.stages.some(({ frailty }) => frailty !== 'none');
  const isUntold = shape.stages.some(({ program }) => program === 'head') && events.some((event) => event.includes('had enough before'));
  if (isFrail && isUntold && failure.includes('does not say any more what it has taken')) return true;
  return (isLoud && failure.includes('the next stage has output already')) || (isFrail && failure.includes('whatever tuple comes in that place'));
}

function reportOf(faults: Pick<Report, 'crashes' | 'cuts' | 'deaths'>, { events, scheduler, reread, refused }: World): Report {
  const count = (word: string) => events.filter((event) => event.includes(word)).length;
  return { ...faults, reread, refused: refused ? 1 : 0, steps: scheduler.steps, skips: count(' SKIP '), rejected: count(' REJECTED '), replays: count(' REPLAY '), checkpoints: count(' CHECKPOINT '), copies: count(' CUT ') };
}

const CONTRACTS: Readonly<Record<ProgramKind, readonly Contract[]>> = {
  copy: ['replay', 'snapshot', 'restart'],
  explode: ['replay', 'snapshot', 'restart'],
  // Not stateless, but as cuts are recorded even this comes out the same again.
  running: ['replay', 'snapshot', 'restart'],
  count: ['replay', 'snapshot', 'restart'],
  sum: ['fold', 'fold', 'snapshot'],
  head: ['replay', 'snapshot'],
  chance: ['snapshot', 'restart'],
};

const PROGRAMS = ['copy', 'explode', 'running', 'count', 'sum', 'explode', 'head', 'chance'] as const satisfies readonly ProgramKind[];

/** Most die of nothing: looking for what a program dies of takes many trials. */
const FRAILTIES: readonly Frailty[] = [...Array.from({ length: 22 }, () => 'none' as const), 'silent', 'loud'];

const EVERY: readonly (CheckpointEvery | undefined)[] = [undefined, { kind: 'time', ms: 10 }, { kind: 'size', bytes: 1 }, { kind: 'size', bytes: 60 }, { kind: 'size', bytes: 300 }];

function shapeFor({ random }: Scheduler): Shape {
  const oneOf = <Value>(values: readonly Value[]) => values[random.below(values.length)] as Value;
  const stages = Array.from({ length: 1 + random.below(3) }, (): StageShape => {
    const program = oneOf(PROGRAMS);
    const tasks = 1 + random.below(3);
    const keyed = random.below(2) === 0;
    const contract = oneOf(CONTRACTS[program]);
    const isHeld = contract !== 'replay' && (program === 'chance' || random.below(6) === 0);
    return { program, tasks, keyed, contract, checkpointEvery: oneOf(EVERY), release: isHeld ? 'committed' : 'eager', frailty: oneOf(FRAILTIES) };
  });
  const lines = Array.from({ length: random.below(60) }, (_, index) => `k${random.below(6)},${index}${'x'.repeat(random.below(6) === 0 ? random.below(60) : 0)}`);
  return { lines, stages, windowBytes: oneOf([24, 64, 400]), readOnce: random.below(3) === 0 };
}
