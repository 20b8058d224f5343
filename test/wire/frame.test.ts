import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRAME, FRAME_HEADER_BYTES, FrameDecoder, encodeHeader, type Frame, type FrameType } from '../../src/wire/frame.ts';

const MAX_PAYLOAD_BYTES = 512;

const anyFrame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom(...Object.values(FRAME)),
  channel: fc.nat(2 ** 32 - 1),
  sequence: fc.oneof(fc.maxSafeNat(), fc.nat(1000)),
  count: fc.nat(2 ** 32 - 1),
  payload: fc.uint8Array({ maxLength: MAX_PAYLOAD_BYTES }).map((bytes) => Buffer.from(bytes)),
});
const anyFrames = fc.array(anyFrame, { maxLength: 8 });
/** Lengths of the chunks that a stream is cut into, used over and over. */
const anyCuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });

function encode(frame: Frame): Buffer {
  return Buffer.concat([encodeHeader(frame.type, frame.channel, frame.sequence, frame.count, frame.payload), frame.payload]);
}

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = lengths[chunks.length % lengths.length] as number;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

/** What a decoder hands on for these chunks, and what it failed with. */
function decode(chunks: readonly Buffer[]): { readonly frames: Frame[]; readonly error: unknown } {
  const decoder = new FrameDecoder(MAX_PAYLOAD_BYTES);
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push({ ...frame, payload: Buffer.from(frame.payload) }));
    return { frames, error: undefined };
  } catch (error) {
    return { frames, error };
  }
}

/** A header as `encodeHeader` makes it, but for some bytes, with a checksum that matches them. */
function headerWith(change: (header: Buffer) => void): Buffer {
  const header = encodeHeader(FRAME.fin, 0, 1, 0, Buffer.alloc(0));
  change(header);
  header.writeUInt32LE(crc32(header.subarray(0, FRAME_HEADER_BYTES - 4)), FRAME_HEADER_BYTES - 4);
  return header;
}

describe('frames', () => {
  test('F1: come back equal, however the stream is cut', () => {
    fc.assert(fc.property(anyFrames, anyCuts, (frames, cuts) => {
      expect(decode(cut(Buffer.concat(frames.map(encode)), cuts))).toEqual({ frames, error: undefined });
    }));
  });

  test('F1: one flipped bit anywhere, and the frame and all behind it are refused', () => {
    const anyBit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 4 }), anyCuts, anyBit, (frames, cuts, where) => {
      const stream = Buffer.concat(frames.map(encode));
      const bit = Math.floor(where * stream.length * 8);
      stream[bit >> 3] = (stream[bit >> 3] as number) ^ (1 << (bit & 7));
      let intact = 0;
      for (let end = 0; intact < frames.length; intact++) {
        end += encode(frames[intact] as Frame).length;
        if (bit >> 3 < end) break;
      }
      // A length that became larger is found out when that many bytes have come.
      const decoded = decode([...cut(stream, cuts), Buffer.alloc(MAX_PAYLOAD_BYTES)]);
      expect(decoded.frames).toEqual(frames.slice(0, intact));
      expect(decoded.error).toMatchObject({ code: 'PROTOCOL' });
    }), { numRuns: 300 });
  });

  test('F1: a stream that ends within a frame hands on the frames before it only', () => {
    fc.assert(fc.property(anyFrames, anyFrame, anyCuts, fc.nat(), (frames, last, cuts, at) => {
      const begun = encode(last).subarray(0, at % encode(last).length);
      expect(decode(cut(Buffer.concat([...frames.map(encode), begun]), cuts))).toEqual({ frames, error: undefined });
    }));
  });

  test('F2: one larger than allowed is refused by its header, before any of its payload is held', () => {
    const payload = Buffer.alloc(MAX_PAYLOAD_BYTES + 1);
    expect(decode([encodeHeader(FRAME.data, 0, 0, 1, payload)]).error).toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('513 bytes') });
    expect(decode([encodeHeader(FRAME.data, 0, 0, 1, payload.subarray(1))]).error).toBeUndefined();
  });

  test.each([0, 10, 255, 0x1_01])('of type %i, which there is none of, are refused', (type) => {
    expect(decode([headerWith((header) => header.writeUInt32LE(type, 0))]).error).toMatchObject({ code: 'PROTOCOL' });
  });

  test('with a sequence number past 2^53 are neither made nor taken', () => {
    expect(decode([headerWith((header) => header.writeUInt32LE(2 ** 21, 12))]).error).toMatchObject({ code: 'PROTOCOL' });
    const { frames } = decode([headerWith((header) => header.fill(0xff, 8, 12).writeUInt32LE(2 ** 21 - 1, 12))]);
    expect(frames[0]?.sequence).toBe(Number.MAX_SAFE_INTEGER);
    for (const sequence of [2 ** 53, -1, 0.5]) {
      expect(() => encodeHeader(FRAME.fin, 0, sequence, 0, Buffer.alloc(0))).toThrow('safe integer');
    }
  });

  test('are not copied where they lie in one chunk', () => {
    const chunk = encode({ type: FRAME.data, channel: 1, sequence: 2, count: 1, payload: Buffer.from('tuple\n') });
    const payloads: Buffer[] = [];
    new FrameDecoder(MAX_PAYLOAD_BYTES).push(chunk, (frame) => payloads.push(frame.payload));
    chunk.write('T', FRAME_HEADER_BYTES);
    expect(payloads.map(String)).toEqual(['Tuple\n']);
  });
});

describe('reading up to a frame', () => {
  test('uses the bytes of the first frame completed and none behind it', () => {
    fc.assert(fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 4 }), anyCuts, (frames, cuts) => {
      const decoder = new FrameDecoder(MAX_PAYLOAD_BYTES);
      const taken: Frame[] = [];
      for (const chunk of cut(Buffer.concat(frames.map(encode)), cuts)) {
        for (let rest = chunk; rest.length > 0; ) {
          const { frame, usedBytes } = decoder.pushUntilFrame(rest);
          if (frame === undefined) expect(usedBytes).toBe(rest.length);
          // The bytes left over may as well go to another decoder, as they do when the handshake hands over.
          else taken.push({ ...frame, payload: Buffer.from(frame.payload) });
          rest = rest.subarray(usedBytes);
        }
      }
      expect(taken).toEqual(frames);
    }));
  });

  test('leaves what follows to another decoder', () => {
    const frames = [FRAME.welcome, FRAME.ack].map((type: FrameType) => ({ type, channel: 0, sequence: 7, count: 0, payload: Buffer.from('x') }));
    const stream = Buffer.concat(frames.map(encode));
    const { frame, usedBytes } = new FrameDecoder(MAX_PAYLOAD_BYTES).pushUntilFrame(stream);
    expect(frame).toEqual(frames[0]);
    expect(decode([stream.subarray(usedBytes)])).toEqual({ frames: frames.slice(1), error: undefined });
  });
});
