/** Check 7, at the very moments: what a checkpoint says its consumers have is durable there; what is cut, a checkpoint covers. */
import { isLogOf, logName, producerNumber, type TaskRef } from '../../src/job/task-id.ts';
import { isOperatorTask, sinkStage, type Topology } from '../../src/job/topology.ts';
import type { OutputPosition } from '../../src/task/output-position.ts';
import type { SourceCheckpoint } from '../../src/task/source-checkpoints.ts';
import { ENTRIES, type DurableInput } from './durable-input.ts';
import type { LogWatch, SimDisk } from './sim-disk.ts';
import { JOB } from './shape.ts';

/** A source that can be read only once has its blocks in the same log. */
const SOURCE_CHECKPOINT_TYPE = 9;

export class CheckpointChecks implements LogWatch {
  readonly #topology: Topology;
  readonly #disk: SimDisk;
  readonly #inputOf: (ref: TaskRef) => DurableInput;
  readonly #violated: (what: string) => void;

  constructor(topology: Topology, disk: SimDisk, inputOf: (ref: TaskRef) => DurableInput, violated: (what: string) => void) {
    this.#violated = violated;
    this.#topology = topology;
    this.#disk = disk;
    this.#inputOf = inputOf;
  }

  appending(name: string, type: number, payload: Buffer): void {
    const ref = taskOf(name);
    if (ref === undefined || ref.stage === sinkStage(this.#topology)) return;
    for (const output of this.#outputsIn(ref, type, payload)) this.#checkOutput(ref, output);
  }

  cutting(name: string, before: number): void {
    const ref = taskOf(name);
    if (ref === undefined || !isOperatorTask(ref, this.#topology)) return;
    const durable = this.#disk.recordsOf(name).slice(0, this.#disk.durableOf(name));
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
