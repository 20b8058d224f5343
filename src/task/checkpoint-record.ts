/**
 * A checkpoint as it stands in a task's journal:
 *
 *     offset  size  field
 *          0     4  version
 *          4     4  producers
 *          8     4  channels
 *         12     4  flags: 1 complete
 *         16     8  after        journal position of the next entry to feed
 *         24     8  inputBytes   fed before it, since the beginning of the job
 *         32     8  tuples       of the output
 *         40     8  offsetBytes  of the output
 *         48     8  heldBytes
 *         56     8  skippedTuples  left out until then, since the beginning of the job
 *         64     8  skippedBytes
 *         72     4  generation  of the stage behind that the output goes to
 *         76     4  zero
 *         80  20 each  producers: number u32, next u64, digest u32, end u32: 1 ended, 2 superseded
 *          …  16 each  channels: sequence u64, digest u32, stopped u32
 *          …     …  held output, heldBytes of it
 *          …     …  state
 *
 * Numbers are little-endian.
 */
import { RainstormError } from '../base/errors.ts';
import type { ChannelPosition, ChannelPositions } from '../wire/in-channel.ts';
import type { MadePosition } from '../wire/made-position.ts';
import type { OutputPosition } from './output-position.ts';
import type { SkippedTotals } from './skip.ts';

/** A place between two entries of a task's journal. */
export interface InputMark {
  /** Journal position of the next entry to feed. */
  readonly after: number;
  /** Where each producer's channel stands before it. */
  readonly input: ChannelPositions;
  /** Bytes of tuples before it, since the beginning of the job. */
  readonly inputBytes: number;
  readonly skipped: SkippedTotals;
}

/** Everything that an operator's task needs in order to go on behind a place in its journal. */
export interface Checkpoint extends InputMark {
  /** Where the output stood before `held`. */
  readonly output: OutputPosition;
  /** Output that must not go out before this is recorded: whole tuples. */
  readonly held: readonly Buffer[];
  readonly state: Buffer;
  /** The operator has ended acceptably: with `held` its output is at its end. */
  readonly complete: boolean;
}

const VERSION = 4;
const HEAD_BYTES = 80;
const GENERATION_AT = 72;
const HELD_BYTES_AT = 48;
const COMPLETE = 1;
const INPUT_BYTES = 20;
const POSITION_BYTES = 16;
const END = { none: 0, real: 1, superseded: 2 } as const;

/** The record is the head, the held output and the state, which are not copied. */
export function encodeCheckpoint({ after, input, inputBytes, skipped, output, held, state, complete }: Checkpoint): Buffer[] {
  const head = Buffer.alloc(HEAD_BYTES + INPUT_BYTES * input.size + POSITION_BYTES * output.channels.length);
  head.writeUInt32LE(VERSION, 0);
  head.writeUInt32LE(input.size, 4);
  head.writeUInt32LE(output.channels.length, 8);
  head.writeUInt32LE(complete ? COMPLETE : 0, 12);
  const heldBytes = held.reduce((sum, { length }) => sum + length, 0);
  for (const [index, value] of [after, inputBytes, output.tuples, output.offsetBytes, heldBytes, skipped.tuples, skipped.bytes].entries()) head.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  head.writeUInt32LE(output.generation, GENERATION_AT);
  let at = HEAD_BYTES;
  for (const [producer, { next, digest, ended, superseded }] of input) {
    head.writeUInt32LE(producer, at);
    at = writePosition(head, at + 4, next, digest, superseded === true ? END.superseded : ended ? END.real : END.none);
  }
  for (const { sequence, digest, stopped } of output.channels) at = writePosition(head, at, sequence, digest, stopped ? 1 : 0);
  return [head, ...held, state];
}

/** State and held output are views of the record. Throws LOG_CORRUPT. */
export function decodeCheckpoint(record: Buffer): Checkpoint {
  const [version, producers, channels] = record.length < HEAD_BYTES ? [] : [record.readUInt32LE(0), record.readUInt32LE(4), record.readUInt32LE(8)];
  const channelsAt = HEAD_BYTES + INPUT_BYTES * (producers ?? 0);
  const heldAt = channelsAt + POSITION_BYTES * (channels ?? 0);
  const stateAt = version === VERSION ? heldAt + Number(record.readBigUInt64LE(HELD_BYTES_AT)) : 0;
  if (version !== VERSION || producers === undefined || channels === undefined || stateAt > record.length) {
    throw new RainstormError('LOG_CORRUPT', `the journal holds a checkpoint of ${record.length} bytes that is none of ours`);
  }
  const [after = 0, inputBytes = 0, tuples = 0, offsetBytes = 0, , skippedTuples = 0, skippedBytes = 0] = Array.from({ length: 7 }, (_, index) => Number(record.readBigUInt64LE(16 + 8 * index)));
  const input = new Map(Array.from({ length: producers }, (_, index): [number, ChannelPosition] => {
    const from = HEAD_BYTES + INPUT_BYTES * index;
    const { number, digest, flag } = readPosition(record, from + 4);
    return [record.readUInt32LE(from), { next: number, digest, ended: flag !== END.none, superseded: flag === END.superseded }];
  }));
  const made = Array.from({ length: channels }, (_, index): MadePosition => {
    const { number, digest, flag } = readPosition(record, channelsAt + POSITION_BYTES * index);
    return { sequence: number, digest, stopped: flag === 1 };
  });
  const generation = record.readUInt32LE(GENERATION_AT);
  const held = stateAt > heldAt ? [record.subarray(heldAt, stateAt)] : [];
  return { after, input, inputBytes, skipped: { tuples: skippedTuples, bytes: skippedBytes }, output: { tuples, offsetBytes, generation, channels: made }, held, state: record.subarray(stateAt), complete: (record.readUInt32LE(12) & COMPLETE) !== 0 };
}

function writePosition(head: Buffer, at: number, number: number, digest: number, flag: number): number {
  head.writeBigUInt64LE(BigInt(number), at);
  head.writeUInt32LE(digest, at + 8);
  head.writeUInt32LE(flag, at + 12);
  return at + POSITION_BYTES;
}

function readPosition(record: Buffer, at: number): { readonly number: number; readonly digest: number; readonly flag: number } {
  return { number: Number(record.readBigUInt64LE(at)), digest: record.readUInt32LE(at + 8), flag: record.readUInt32LE(at + 12) };
}
