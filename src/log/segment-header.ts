/**
 * What a segment file begins with, and its name: `<attempt>-<base>.segment`, both with 16 decimal digits.
 *
 *     offset  size  field
 *          0     8  magic "RainLog" and a newline
 *          8     4  version
 *         12     4  seed      random; the checksums of the segment's records begin with it
 *         16     6  attempt   that wrote the segment
 *         22     2  zero
 *         24     6  base      position of the first record
 *         30     2  zero
 *         32     6  follows   the attempt whose records come before this attempt's first; 0 for none
 *         38     2  zero
 *         40     4  CRC-32    of the 40 bytes before it
 *         44     …  records
 *
 * Numbers are little-endian.
 */
import { crc32 } from 'node:zlib';

export const SEGMENT_HEADER_BYTES = 44;

const MAGIC = Buffer.from('RainLog\n');
const VERSION = 1;
const SUMMED_BYTES = 40;

export interface SegmentHeader {
  readonly seed: number;
  readonly attempt: number;
  readonly base: number;
  readonly follows: number;
}

export function encodeSegmentHeader(segment: SegmentHeader): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(segment.seed, 12);
  header.writeUIntLE(segment.attempt, 16, 6);
  header.writeUIntLE(segment.base, 24, 6);
  header.writeUIntLE(segment.follows, 32, 6);
  header.writeUInt32LE(crc32(header.subarray(0, SUMMED_BYTES)), SUMMED_BYTES);
  return header;
}

/** Undefined for bytes that are no header of this version. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || MAGIC.compare(bytes, 0, MAGIC.length) !== 0) return undefined;
  if (crc32(bytes.subarray(0, SUMMED_BYTES)) !== bytes.readUInt32LE(SUMMED_BYTES)) return undefined;
  if (bytes.readUInt32LE(8) !== VERSION) return undefined;
  return {
    seed: bytes.readUInt32LE(12),
    attempt: bytes.readUIntLE(16, 6),
    base: bytes.readUIntLE(24, 6),
    follows: bytes.readUIntLE(32, 6),
  };
}

export function segmentName(attempt: number, base: number): string {
  return `${String(attempt).padStart(16, '0')}-${String(base).padStart(16, '0')}.segment`;
}

export function isSegmentName(name: string): boolean {
  return /^\d{16}-\d{16}\.segment$/.test(name);
}
