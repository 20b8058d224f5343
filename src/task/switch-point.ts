import { RainstormError } from '../base/errors.ts';

/** Where a task's output goes over to the next generation of the stage behind: a SWITCH, as it stands in a journal. */
export interface SwitchPoint {
  /** The one that takes the output from there on. */
  readonly generation: number;
  /** Of the first tuple for it, in all the task's output. */
  readonly ordinal: number;
}

/** Generation, ordinal. */
const BYTES = 12;

export function encodeSwitch({ generation, ordinal }: SwitchPoint): Buffer {
  const record = Buffer.alloc(BYTES);
  record.writeUInt32LE(generation, 0);
  record.writeBigUInt64LE(BigInt(ordinal), 4);
  return record;
}

/** Throws LOG_CORRUPT. */
export function decodeSwitch(record: Buffer): SwitchPoint {
  if (record.length !== BYTES) throw new RainstormError('LOG_CORRUPT', `a journal holds a switch of ${record.length} bytes that is none of ours`);
  return { generation: record.readUInt32LE(0), ordinal: Number(record.readBigUInt64LE(4)) };
}
