/** How many tasks each stage of a job has by now, and which generation they are. */
import { invariant } from '../base/errors.ts';
import type { JobPlan } from '../job/plan.ts';
import { FIRST_GENERATION } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { stageNumbered, type Rescaling, type Topology } from '../job/topology.ts';

/** What is written down of a stage that was rescaled. */
export interface RescaledStage {
  readonly stage: number;
  readonly tasks: number;
  readonly generation: number;
  readonly predecessors?: number | undefined;
}

/** What went through tasks that others have taken the place of. */
interface Passed {
  readonly inTuples: number;
  readonly outTuples: number;
}

const NOTHING_PASSED: Passed = { inTuples: 0, outTuples: 0 };

export class JobStages {
  #topology: Topology;
  /** By stage. */
  readonly #passed = new Map<number, Passed>();

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  get topology(): Topology {
    return this.#topology;
  }

  get plan(): JobPlan {
    return this.#topology.plan;
  }

  /** Through all generations of a stage before the present one; none that another leader has led. */
  passed(stage: number): Passed {
    return this.#passed.get(stage) ?? NOTHING_PASSED;
  }

  /** Those that do not have their first generation any more. */
  get rescaled(): RescaledStage[] {
    return this.plan.stages.flatMap(({ number, tasks, generation = FIRST_GENERATION, predecessors }) => (generation === FIRST_GENERATION ? [] : [{ stage: number, tasks, generation, predecessors }]));
  }

  /** As another leader has left them. */
  restore(rescaled: readonly RescaledStage[], rescaling: Rescaling | undefined): void {
    for (const { stage, ...found } of rescaled) this.#change(stage, found);
    this.#topology = { ...this.#topology, rescaling };
  }

  /** The tasks of a stage are to be superseded. */
  begin(rescaling: Rescaling): void {
    invariant(this.#topology.rescaling === undefined, 'RS1: one rescale at a time');
    this.#topology = { ...this.#topology, rescaling };
  }

  /** They stand still. */
  frozen(): void {
    const { rescaling } = this.#topology;
    if (rescaling !== undefined) this.#topology = { ...this.#topology, rescaling: { ...rescaling, freezing: undefined } };
  }

  /** They have ended: the next generation takes their place. Gives the stage. */
  advance(statuses: Iterable<TaskStatus>): number {
    const { rescaling } = this.#topology;
    invariant(rescaling !== undefined, 'RS1: a rescale is under way');
    const stage = stageNumbered(this.plan, rescaling.stage);
    invariant(stage !== undefined, 'RS1: it is one of the job\'s stages');
    this.#passed.set(stage.number, this.#passedUntilNow(stage.number, statuses));
    this.#change(stage.number, { tasks: rescaling.tasks, generation: (stage.generation ?? FIRST_GENERATION) + 1, predecessors: stage.tasks });
    this.#topology = { ...this.#topology, rescaling: undefined };
    return stage.number;
  }

  /** They had ended anyhow. */
  cancel(): void {
    this.#topology = { ...this.#topology, rescaling: undefined };
  }

  #passedUntilNow(stage: number, statuses: Iterable<TaskStatus>): Passed {
    return [...statuses].filter((status) => status.stage === stage).reduce(
      (sum, { inTuples, outTuples }) => ({ inTuples: sum.inTuples + inTuples, outTuples: sum.outTuples + outTuples }), this.passed(stage));
  }

  #change(number: number, to: Omit<RescaledStage, 'stage'>): void {
    const stages = this.plan.stages.map((stage) => (stage.number === number ? { ...stage, ...to } : stage));
    this.#topology = { ...this.#topology, plan: { ...this.plan, stages } };
  }
}
