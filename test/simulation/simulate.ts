/** One simulated job: its shape and its faults follow from the seed. */
import type { CheckpointEvery, Contract } from '../../src/job/contract.ts';
import { checkOutcome } from './check.ts';
import { Disturbances } from './disturbances.ts';
import type { Fault } from './faults.ts';
import { Random } from '../../src/base/random.ts';
import type { Frailty, ProgramKind } from './programs.ts';
import { Scheduler, settled } from './scheduler.ts';
import type { Shape, StageShape } from './shape.ts';
import { World } from './world.ts';

/** A job of this size ends within a few thousand steps; one that takes so many hangs. */
const MAX_STEPS = 100_000;

export interface Report extends Readonly<Record<Fault, number>> {
  readonly steps: number;
  /** Tuples left out. */
  readonly skips: number;
  readonly rejected: number;
  readonly replays: number;
  readonly checkpoints: number;
  /** Stages that got another number of tasks. */
  readonly rescaled: number;
  /** Copies of operators that took over at a cut. */
  readonly copies: number;
}

/** Throws what went wrong; the message names the seed. */
export async function simulate(seed: number): Promise<Report> {
  const scheduler = new Scheduler(seed);
  const world = new World(scheduler, shapeFor(scheduler, new Random(seed + FRAILTY_STREAM), new Random(seed + RESCALE_STREAM)));
  const disturbances = new Disturbances(world);
  try {
    void world.start();
    await settled();
    while (!world.done) {
      if (scheduler.idle) throw new Error(`check 16: nothing can happen any more: ${world.states()}`);
      if (scheduler.steps > MAX_STEPS) throw new Error(`check 16: no end after ${MAX_STEPS} steps: ${world.states()}`);
      await scheduler.step();
      world.checks.afterStep();
      if (world.violation !== undefined) throw new Error(world.violation);
      if (world.begun) disturbances.strike();
    }
    if (world.failure !== undefined && world.checks.explains(world.failure)) world.faults.count('refused');
    else if (world.failure !== undefined && mayFail(world)) world.faults.count('notLeftOut');
    else if (world.failure !== undefined) throw new Error(`check 16: the job failed: ${world.failure}`);
    else checkOutcome(world);
  } catch (error) {
    if (process.env['SIMTRACE']) console.log(JSON.stringify(world.shape, null, 1) + world.events.join('\n'));
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const count = (word: string) => world.events.filter((event) => event.includes(word)).length;
  return { ...world.faults.counts, steps: scheduler.steps, skips: count(' SKIP '), rejected: count(' REJECTED '), replays: count(' REPLAY '), checkpoints: count(' CHECKPOINT '), rescaled: count(' RESCALE '), copies: count(' CUT ') };
}

/**
 * Nothing can be left out where consumers have what a loud program said of the line that it died of, where there are none but
 * such lines, and where a consumer had enough, and so has told no later attempt of the task what it had taken.
 */
function mayFail({ failure = '', shape, events }: World): boolean {
  const isLoud = shape.stages.some(({ frailty }) => frailty === 'loud');
  const isFrail = shape.stages.some(({ frailty }) => frailty !== 'none');
  const isUntold = shape.stages.some(({ program }) => program === 'head') && events.some((event) => event.includes('had enough before'));
  if (isFrail && shape.rescales > 0 && failure.includes('the next stage was rescaled since')) return true;
  if (isFrail && isUntold && failure.includes('does not say any more what it has taken')) return true;
  return (isLoud && failure.includes('the next stage has output already')) || (isFrail && failure.includes('whatever tuple comes in that place'));
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

/** Who is frail is drawn from numbers of their own, so that the other jobs are what they are without any. */
const FRAILTY_STREAM = 0x1_0000_0000;

const EVERY: readonly (CheckpointEvery | undefined)[] = [undefined, { kind: 'time', ms: 10 }, { kind: 'size', bytes: 1 }, { kind: 'size', bytes: 60 }, { kind: 'size', bytes: 300 }];

/** And so is how often stages are rescaled. */
const RESCALE_STREAM = 0x2_0000_0000;

const MOST_RESCALES = [0, 0, 1, 2, 4];

function shapeFor({ random }: Scheduler, frailties: Random, rescalings: Random): Shape {
  const oneOf = <Value>(values: readonly Value[]) => values[random.below(values.length)] as Value;
  const stages = Array.from({ length: 1 + random.below(3) }, (): StageShape => {
    const program = oneOf(PROGRAMS);
    const tasks = 1 + random.below(3);
    const keyed = random.below(2) === 0;
    const contract = oneOf(CONTRACTS[program]);
    const isHeld = contract !== 'replay' && (program === 'chance' || random.below(6) === 0);
    const frailty = FRAILTIES[frailties.below(FRAILTIES.length)] as Frailty;
    return { program, tasks, keyed, contract, checkpointEvery: oneOf(EVERY), release: isHeld ? 'committed' : 'eager', frailty };
  });
  const lines = Array.from({ length: random.below(60) }, (_, index) => `k${random.below(6)},${index}${'x'.repeat(random.below(6) === 0 ? random.below(60) : 0)}`);
  return { lines, stages, windowBytes: oneOf([24, 64, 400]), workers: 1 + random.below(4), durability: oneOf(['process', 'host']), readOnce: random.below(3) === 0, rescales: MOST_RESCALES[rescalings.below(MOST_RESCALES.length)] as number };
}
