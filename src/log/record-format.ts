/**
 * A record in a segment file: a header, then the payload.
 *
 *     offset  size  field
 *          0     3  magic "RSR"
 *          3     1  type
 *          4     4  length    bytes of payload
 *          8     6  position
 *         14     2  zero
 *         16     6  floor     every record before this position was confirmed when this one was written
 *         22     2  zero
 *         24     4  CRC-32    of the 24 bytes before it, begun with the segment's seed
 *         28     4  CRC-32    of the payload, begun with the CRC before it
 *         32     …  payload
 *
 * Numbers are little-endian. The seed is random per segment, so no bytes of another file, and none that travel through as
 * payload, are taken for records of this one. The header has a sum of its own so that its length can be trusted before the
 * payload is read. The floor tells damage from a crash: see `scan-segment.ts`.
 */
import { crc32 } from 'node:zlib';

export const RECORD_HEADER_BYTES = 32;
export const RECORD_MAGIC: Buffer = Buffer.from('RSR');

const SUMMED_BYTES = 24;

export interface RecordHeader {
  readonly type: number;
  readonly payloadBytes: number;
  readonly position: number;
  readonly floor: number;
  readonly headerSum: number;
  readonly payloadSum: number;
}

/** The header to be written right before the parts, whose lengths add up to `payloadBytes`. */
export function encodeRecordHeader(
  seed: number,
  record: { readonly type: number; readonly position: number; readonly floor: number; readonly payloadBytes: number },
  parts: readonly Buffer[],
): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES).fill(0);
  RECORD_MAGIC.copy(header);
  header.writeUInt8(record.type, 3);
  header.writeUInt32LE(record.payloadBytes, 4);
  header.writeUIntLE(record.position, 8, 6);
  header.writeUIntLE(record.floor, 16, 6);
  let sum = crc32(header.subarray(0, SUMMED_BYTES), seed);
  header.writeUInt32LE(sum, 24);
  for (const part of parts) sum = crc32(part, sum);
  header.writeUInt32LE(sum, 28);
  return header;
}

/** The header at this offset of `bytes`; undefined when what lies there is none of this segment. */
export function decodeRecordHeader(seed: number, bytes: Buffer, at: number): RecordHeader | undefined {
  if (bytes.length - at < RECORD_HEADER_BYTES) return undefined;
  if (RECORD_MAGIC.compare(bytes, at, at + RECORD_MAGIC.length) !== 0) return undefined;
  const headerSum = crc32(bytes.subarray(at, at + SUMMED_BYTES), seed);
  if (headerSum !== bytes.readUInt32LE(at + 24)) return undefined;
  return {
    type: bytes.readUInt8(at + 3),
    payloadBytes: bytes.readUInt32LE(at + 4),
    position: bytes.readUIntLE(at + 8, 6),
    floor: bytes.readUIntLE(at + 16, 6),
    headerSum,
    payloadSum: bytes.readUInt32LE(at + 28),
  };
}

export function payloadMatches(header: RecordHeader, payload: Buffer): boolean {
  return crc32(payload, header.headerSum) === header.payloadSum;
}
