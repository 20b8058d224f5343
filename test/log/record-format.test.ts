import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecordHeader, encodeRecordHeader, payloadMatches, RECORD_HEADER_BYTES } from '../../src/log/record-format.ts';
import { decodeSegmentHeader, encodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../../src/log/segment-header.ts';

const u48 = fc.nat(2 ** 31).map((n) => n * 2 ** 17 - (n > 0 ? 1 : 0));
const u32 = fc.nat(0xffffffff);
const parts = fc.array(fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)), { maxLength: 4 });

test('a record decodes to what was encoded, wherever it lies', () => {
  fc.assert(
    fc.property(u32, fc.nat(255), u48, u48, parts, fc.nat(20), (seed, type, position, floor, parts, at) => {
      const payload = Buffer.concat(parts);
      const bytes = Buffer.concat([Buffer.alloc(at, 0x52), encodeRecordHeader(seed, { type, position, floor, payloadBytes: payload.length }, parts), payload]);
      const header = decodeRecordHeader(seed, bytes, at);
      expect(header).toMatchObject({ type, position, floor, payloadBytes: payload.length });
      expect(header !== undefined && payloadMatches(header, bytes.subarray(at + RECORD_HEADER_BYTES))).toBe(true);
      expect(decodeRecordHeader((seed ^ 1) >>> 0, bytes, at)).toBeUndefined();
      expect(decodeRecordHeader(seed, bytes.subarray(0, at + RECORD_HEADER_BYTES - 1), at)).toBeUndefined();
    }),
  );
});

test('every changed bit of a record is noticed', () => {
  const payload = Buffer.from('payload');
  const record = Buffer.concat([encodeRecordHeader(7, { type: 1, position: 2, floor: 2, payloadBytes: payload.length }, [payload]), payload]);
  for (let bit = 0; bit < record.length * 8; bit++) {
    const changed = Buffer.from(record);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const header = decodeRecordHeader(7, changed, 0);
    expect(header !== undefined && payloadMatches(header, changed.subarray(RECORD_HEADER_BYTES))).toBe(false);
  }
});

test('a segment header decodes to what was encoded, and every changed bit is noticed', () => {
  fc.assert(
    fc.property(u32, u48, u48, u48, fc.nat(SEGMENT_HEADER_BYTES * 8 - 1), (seed, attempt, base, follows, bit) => {
      const header = encodeSegmentHeader({ seed, attempt, base, follows });
      expect(header).toHaveLength(SEGMENT_HEADER_BYTES);
      expect(decodeSegmentHeader(header)).toEqual({ seed, attempt, base, follows });
      header.writeUInt8(header.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(decodeSegmentHeader(header)).toBeUndefined();
    }),
  );
});
