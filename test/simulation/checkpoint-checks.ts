/**
 * Check 7, at the very moments: what a checkpoint says its consumers have is durable there, the superseded ends of those that it
 * has left among it; what is cut, a checkpoint covers.
 */
import { isLogOf, logName, producerNumber, taskName, type TaskRef } from '../../src/job/task-id.ts';
import { isOperatorTask, sinkStage, type Topology } from '../../src/job/topology.ts';
import type { OutputPosition } from '../../src/task/output-position.ts';
import type { SourceCheckpoint } from '../../src/task/source-checkpoints.ts';
import { decodeSwitch, type SwitchPoint } from '../../src/task/switch-point.ts';
import { ENTRIES, type DurableInput } from './durable-input.ts';
import type { LogWatch, SimDisk } from './sim-disk.ts';
import { JOB } from './shape.ts';

/** A source that can be read only once has its blocks in the same log. */
const SOURCE_CHECKPOINT_TYPE = 9;

const SWITCH_TYPE = 8;
const SOURCE_SWITCH_TYPE = 12;

interface CheckpointSurroundings {
  readonly topology: Topology;
  readonly disk: SimDisk;
  /** Of all generations. */
  tasksOf(stage: number): readonly TaskRef[];
}

export class CheckpointChecks implements LogWatch {
  readonly #world: CheckpointSurroundings;
  readonly #inputOf: (ref: TaskRef) => DurableInput;
  readonly #violated: (what: string) => void;

  constructor(world: CheckpointSurroundings, inputOf: (ref: TaskRef) => DurableInput, violated: (what: string) => void) {
    this.#violated = violated;
    this.#world = world;
    this.#inputOf = inputOf;
  }

  appending(name: string, type: number, payload: Buffer): void {
    const ref = taskOf(name);
    if (ref === undefined || ref.stage === sinkStage(this.#world.topology)) return;
    for (const output of this.#outputsIn(ref, type, payload)) {
      this.#checkOutput(ref, output);
      this.#checkLeft(ref, output);
    }
  }

  cutting(name: string, before: number): void {
    const ref = taskOf(name);
    if (ref === undefined || !isOperatorTask(ref, this.#world.topology)) return;
    const { disk } = this.#world;
    const durable = disk.recordsOf(name).slice(0, disk.durableOf(name));
    const covered = [...ENTRIES.entries(durable)].some((entry) => entry.kind === 'checkpoint' && entry.checkpoint.after >= before);
    if (!covered) this.#violated(`check 7: ${name} is cut before ${before}, which no checkpoint covers`);
  }

  #checkOutput(ref: TaskRef, output: OutputPosition): void {
    for (const [index, { sequence, stopped }] of output.channels.entries()) {
      const input = this.#inputOf({ stage: ref.stage + 1, generation: output.generation, index });
      const end = input.end(producerNumber(ref));
      if (stopped || input.finished || sequence <= end) continue;
      this.#violated(`check 7: a checkpoint of ${logName(JOB, ref)} stands behind ${sequence} tuples of consumer ${index}, which has ${end}`);
    }
  }

  /** Who begins there leaves no generation any more. */
  #checkLeft(ref: TaskRef, output: OutputPosition): void {
    const left = this.#switchesOf(ref).filter(({ generation }) => generation <= output.generation).map(({ generation }) => generation - 1);
    for (const consumer of this.#world.tasksOf(ref.stage + 1)) {
      const input = this.#inputOf(consumer);
      if (!left.includes(consumer.generation) || input.finished || input.hasEnded(producerNumber(ref))) continue;
      this.#violated(`check 7: a checkpoint of ${logName(JOB, ref)} stands behind the end of its output to ${taskName(consumer)}, which has not come there`);
    }
  }

  /** Those that are durable. */
  #switchesOf(ref: TaskRef): SwitchPoint[] {
    const { disk } = this.#world;
    const name = logName(JOB, ref);
    const type = ref.stage === 0 ? SOURCE_SWITCH_TYPE : SWITCH_TYPE;
    return disk.recordsOf(name).slice(0, disk.durableOf(name)).filter((record) => record.type === type).map(({ payload }) => decodeSwitch(payload));
  }

  /** The output positions that a record says to be safe. */
  #outputsIn(ref: TaskRef, type: number, payload: Buffer): OutputPosition[] {
    if (ref.stage === 0) return type !== SOURCE_CHECKPOINT_TYPE ? [] : [(JSON.parse(payload.toString()) as SourceCheckpoint).output];
    const entries = [...ENTRIES.entries([{ position: 0, type, payload }])];
    return entries.flatMap((entry) => (entry.kind === 'checkpoint' ? [entry.checkpoint.output] : []));
  }
}

/** Whose log it is; undefined for the leader's. */
function taskOf(log: string): TaskRef | undefined {
  if (!isLogOf(JOB, log)) return undefined;
  const [stage = 0, generation = 0, index = 0] = log.slice(JOB.length + 1).split('.').map(Number);
  return { stage, generation, index };
}
