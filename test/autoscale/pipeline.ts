import type { Random } from '../../src/base/random.ts';
import type { StageSample } from '../../src/autoscale/stage-sample.ts';
import { SimStage, type StageShape } from './sim-stage.ts';

export interface PipelineShape {
  readonly stages: readonly StageShape[];
  /** Of everything that is measured, each figure by up to this share in either direction. */
  readonly measuringNoise: number;
  /** Whether the source tells what comes from outside; otherwise it only tells what it hands on. */
  readonly knowsWish: boolean;
}

/** Small enough that bounded queues do not limit the flow. */
const STEP_MS = 100;
const STEPS_PER_SECOND = 1_000 / STEP_MS;

/** A source reads so many times as fast as any load asks for: what has piled up outside is worked off at the stages' speed. */
const SOURCE_TUPLES_PER_SECOND = 1e6;

/** After a rescale, its stage and those beside it are not settled for as long. */
const SETTLING_MS = 2_000;

/**
 * A line of stages as a flow: tuples are amounts, each stage takes what its tasks can, what its queue holds and what the queue
 * behind it has room for. What comes from outside and is not taken piles up there.
 */
export class Pipeline {
  readonly stages: readonly SimStage[];
  /** Tuples that came from outside and wait there. */
  outsideTuples = 0;
  #nowMs = 0;
  #handedOn = 0;
  #blockedShare = 0;
  #offered = 0;
  readonly #shape: PipelineShape;
  readonly #random: Random;

  constructor(shape: PipelineShape, random: Random) {
    this.#shape = shape;
    this.#random = random;
    this.stages = shape.stages.map((stage) => new SimStage(stage));
  }

  /** One second under a load of so many tuples. Gives what would be measured of it. */
  second(tuples: number): StageSample[] {
    this.#handedOn = 0;
    this.#blockedShare = 0;
    this.#offered = tuples;
    for (const stage of this.stages) stage.beginSecond();
    for (let step = 0; step < STEPS_PER_SECOND; step++) this.#step(tuples / STEPS_PER_SECOND);
    return this.#samples();
  }

  rescale(stage: number, tasks: number): void {
    this.stages[stage - 1]?.rescale(tasks, this.#nowMs);
  }

  #step(arrived: number): void {
    const seconds = STEP_MS / 1_000;
    // From the end on, so that there is room for what comes.
    for (const [index, stage] of [...this.stages.entries()].toReversed()) stage.step(seconds, this.#nowMs, this.stages[index + 1]);
    this.outsideTuples += arrived;
    const wants = Math.min(this.outsideTuples, SOURCE_TUPLES_PER_SECOND * seconds);
    const given = Math.min(wants, this.stages[0]?.room ?? 0);
    this.stages[0]?.take(given);
    this.outsideTuples -= given;
    this.#handedOn += given;
    if (given < wants) this.#blockedShare += 1 / STEPS_PER_SECOND;
    this.#nowMs += STEP_MS;
  }

  #samples(): StageSample[] {
    const source: StageSample = {
      stage: 0, tasks: 1, inTuplesPerSecond: this.#noisy(this.#handedOn), outTuplesPerSecond: this.#noisy(this.#handedOn), backlogBytes: 0, busyShare: 0,
      blockedShare: this.#share(this.#blockedShare), settled: this.#settled(0), wantedTuplesPerSecond: this.#shape.knowsWish ? this.#noisy(this.#offered) : undefined,
    };
    return [source, ...this.stages.map((stage, index): StageSample => ({
      stage: index + 1, tasks: stage.tasks, inTuplesPerSecond: this.#noisy(stage.taken), outTuplesPerSecond: this.#noisy(stage.given),
      backlogBytes: Math.round(stage.queued), busyShare: this.#share(stage.seenBusyShare), blockedShare: this.#share(stage.blockedShare), settled: this.#settled(index + 1),
    }))];
  }

  /** A rescale unsettles its neighbours; the source is nobody's to rescale. */
  #settled(stage: number): boolean {
    return [stage - 1, stage, stage + 1].every((beside) => this.#nowMs - (this.stages[beside - 1]?.rescaledAtMs ?? -Infinity) >= SETTLING_MS);
  }

  #noisy(figure: number): number {
    return figure * (1 + this.#shape.measuringNoise * (2 * fraction(this.#random) - 1));
  }

  #share(share: number): number {
    return Math.max(0, Math.min(1, this.#noisy(share)));
  }
}

/** From 0 to 1. */
export function fraction(random: Random): number {
  return random.next() / 0x1_0000_0000;
}

export function between(random: Random, low: number, high: number): number {
  return low + fraction(random) * (high - low);
}
