/** What a stage's tuples are given to its tasks by. */
import { fieldSpan, fieldValue, locateField } from '../job/csv-field.ts';
import type { StagePlan } from '../job/plan.ts';
import { Partitioner } from '../job/partition.ts';

/** A tuple's way into a stage with a key. */
export interface TuplePlace {
  readonly key: Buffer;
  /** Index of the task among those that the stage is to have. */
  readonly task: number;
}

/** The key of each tuple, and the task that would get it. `tuples`: with their newlines. Undefined for a stage without a key. */
export function placesOf(stage: StagePlan, tuples: readonly Buffer[]): TuplePlace[] | undefined {
  const { partitioning, tasks } = stage;
  if (partitioning.kind === 'spread') return undefined;
  const span = fieldSpan();
  const partitioner = new Partitioner(partitioning, tasks, 0);
  const owners = new Uint16Array(1);
  return tuples.map((bytes) => {
    partitioner.assign({ bytes, count: 1, ends: Uint32Array.of(bytes.length) }, 0, owners);
    const task = owners[0] ?? 0;
    if (partitioning.kind === 'line') return { key: bytes.subarray(0, -1), task };
    locateField(bytes, 0, bytes.length, partitioning.column, span);
    return { key: Buffer.from(fieldValue(bytes, span)), task };
  });
}
