/**
 * A tuple that is left out of a task's input, as its journal says (SK in poison.ts):
 *
 *     offset  size  field
 *          0     8  position     journal position of the frame that holds it
 *          8     8  index        of the tuple in that frame
 *         16     8  order        how many were left out before it, since the beginning of the job
 *         24     8  offsetBytes  where its bytes begin among those of all that were left out
 *         32     8  lengthBytes
 *
 * Numbers are little-endian.
 */
import { RainstormError } from '../base/errors.ts';

export interface Skip {
  readonly position: number;
  readonly index: number;
  readonly order: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** What a task has left out since the beginning of the job. */
export interface SkippedTotals {
  readonly tuples: number;
  readonly bytes: number;
}

export const NOTHING_SKIPPED: SkippedTotals = { tuples: 0, bytes: 0 };

const RECORD_BYTES = 40;

export function encodeSkip({ position, index, order, offsetBytes, lengthBytes }: Skip): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  for (const [at, value] of [position, index, order, offsetBytes, lengthBytes].entries()) record.writeBigUInt64LE(BigInt(value), 8 * at);
  return record;
}

/** Throws LOG_CORRUPT. */
export function decodeSkip(record: Buffer): Skip {
  if (record.length !== RECORD_BYTES) throw new RainstormError('LOG_CORRUPT', `the journal holds a skip of ${record.length} bytes, which is none of ours`);
  const [position = 0, index = 0, order = 0, offsetBytes = 0, lengthBytes = 0] = Array.from({ length: 5 }, (_, at) => Number(record.readBigUInt64LE(8 * at)));
  return { position, index, order, offsetBytes, lengthBytes };
}

/** What is left out once this one is. */
export function totalsBehind({ order, offsetBytes, lengthBytes }: Skip): SkippedTotals {
  return { tuples: order + 1, bytes: offsetBytes + lengthBytes };
}
