/**
 * A frame is what travels between workers: a fixed header and a payload.
 *
 *     offset  size  field
 *          0     1  type
 *          1     3  zero
 *          4     4  channel   number the producer's side gave the channel on this connection
 *          8     8  sequence  meaning depends on the type, see FRAME
 *         16     4  count     tuples in a DATA frame; else 0, or 1 as FRAME says
 *         20     4  length    bytes of payload
 *         24     4  CRC-32    of the 24 bytes before it and the payload
 *         28     …  payload
 *
 * Numbers are little-endian. Sequence numbers are u64 on the wire and safe integers in the code.
 *
 * F1 A frame that does not decode to exactly what was encoded is never handed on: the decoder fails and the connection ends.
 * F2 A decoder holds at most one payload of `maxPayloadBytes` and one header, whatever arrives.
 */
import { crc32 } from 'node:zlib';
import { RainstormError, invariant } from '../base/errors.ts';

export const FRAME = {
  /** Producer to consumer: `count` tuples, the first of which has number `sequence`. */
  data: 1,
  /** Producer to consumer: the channel ended; `sequence` tuples were sent in all. `count` is 1 where others go to the next generation of the consumers. No payload. */
  fin: 2,
  /** Consumer to producer: every number below `sequence` is accepted. Payload: credit. */
  ack: 3,
  /** Producer to consumer: announces a channel; `sequence` is the producer's attempt. Payload: its name. */
  open: 4,
  /** Consumer to producer, the answer: `sequence` is the next number expected. `count` is 1 if the end is among what it has. Payload: credit, window, digest. */
  opened: 5,
  /** Consumer to producer: nothing more is wanted; the rest counts as acked. */
  stop: 6,
  /** First frame of a connection, from the side that dialled. Payload: JSON `Hello`. */
  hello: 7,
  /** Its answer.  */
  welcome: 8,
  /** Its other answer, before the connection is closed. Payload: the reason. */
  refused: 9,
} as const;

export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly type: FrameType;
  readonly channel: number;
  readonly sequence: number;
  readonly count: number;
  readonly payload: Buffer;
}

export const FRAME_HEADER_BYTES = 28;
const CHECKED_HEADER_BYTES = 24;
const LAST_TYPE = FRAME.refused;
const EMPTY = Buffer.alloc(0);

/** The header for a payload that is sent right behind it, so that tuples are never copied just to be framed. */
export function encodeHeader(type: FrameType, channel: number, sequence: number, count: number, payload: Buffer): Buffer {
  invariant(Number.isSafeInteger(sequence) && sequence >= 0, `sequence ${sequence} is a safe integer`);
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(channel, 4);
  header.writeUInt32LE(sequence % 2 ** 32, 8);
  header.writeUInt32LE(Math.floor(sequence / 2 ** 32), 12);
  header.writeUInt32LE(count, 16);
  header.writeUInt32LE(payload.length, 20);
  header.writeUInt32LE(crc32(payload, crc32(header.subarray(0, CHECKED_HEADER_BYTES))), CHECKED_HEADER_BYTES);
  return header;
}

/** Turns the chunks of a byte stream back into frames. Payloads are views of the chunks where they lie in one piece. */
export class FrameDecoder {
  readonly #maxPayloadBytes: number;
  #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #payload: Buffer | undefined;
  #payloadFilled = 0;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** Hands every frame completed by this chunk to `take`, in order. Throws PROTOCOL for bytes that are no frames. */
  push(chunk: Buffer, take: (frame: Frame) => void): void {
    for (let at = 0; at < chunk.length; ) at = this.#step(chunk, at, take);
  }

  /** Takes bytes of the chunk up to the end of the first frame completed by them; gives that frame and what was used. */
  pushUntilFrame(chunk: Buffer): { readonly frame: Frame | undefined; readonly usedBytes: number } {
    const found: Frame[] = [];
    let at = 0;
    while (at < chunk.length && found.length === 0) at = this.#step(chunk, at, (frame) => found.push(frame));
    return { frame: found[0], usedBytes: at };
  }

  /** Goes on with the header or the payload, whichever is incomplete, and gives the offset behind what it took. */
  #step(chunk: Buffer, at: number, take: (frame: Frame) => void): number {
    if (this.#headerFilled === FRAME_HEADER_BYTES) return this.#fillPayload(chunk, at, take);
    const behind = this.#fillHeader(chunk, at);
    if (this.#headerFilled < FRAME_HEADER_BYTES) return behind;
    this.#checkHeader();
    if (this.#length === 0) this.#complete(EMPTY, take);
    return behind;
  }

  get #length(): number {
    return this.#header.readUInt32LE(20);
  }

  #fillHeader(chunk: Buffer, at: number): number {
    const taken = Math.min(FRAME_HEADER_BYTES - this.#headerFilled, chunk.length - at);
    chunk.copy(this.#header, this.#headerFilled, at, at + taken);
    this.#headerFilled += taken;
    return at + taken;
  }

  #fillPayload(chunk: Buffer, at: number, take: (frame: Frame) => void): number {
    const length = this.#length;
    if (this.#payload === undefined && chunk.length - at >= length) {
      this.#complete(chunk.subarray(at, at + length), take);
      return at + length;
    }
    this.#payload ??= Buffer.allocUnsafe(length);
    const taken = Math.min(length - this.#payloadFilled, chunk.length - at);
    chunk.copy(this.#payload, this.#payloadFilled, at, at + taken);
    this.#payloadFilled += taken;
    if (this.#payloadFilled === length) this.#complete(this.#payload, take);
    return at + taken;
  }

  #checkHeader(): void {
    const type = this.#header.readUInt32LE(0);
    if (type < 1 || type > LAST_TYPE) throw new RainstormError('PROTOCOL', `a frame of unknown type ${type} arrived`);
    if (this.#length > this.#maxPayloadBytes) {
      throw new RainstormError('PROTOCOL', `a frame of ${this.#length} bytes arrived; at most ${this.#maxPayloadBytes} are allowed`);
    }
    if (this.#header.readUInt32LE(12) >= 2 ** 21) {
      throw new RainstormError('PROTOCOL', 'a frame with a sequence number past 2^53 arrived');
    }
  }

  #complete(payload: Buffer, take: (frame: Frame) => void): void {
    const header = this.#header;
    const sum = crc32(payload, crc32(header.subarray(0, CHECKED_HEADER_BYTES)));
    if (sum !== header.readUInt32LE(CHECKED_HEADER_BYTES)) {
      throw new RainstormError('PROTOCOL', 'a frame arrived whose checksum does not match its bytes');
    }
    this.#headerFilled = 0;
    this.#payload = undefined;
    this.#payloadFilled = 0;
    take({
      type: header.readUInt32LE(0) as FrameType,
      channel: header.readUInt32LE(4),
      sequence: header.readUInt32LE(8) + header.readUInt32LE(12) * 2 ** 32,
      count: header.readUInt32LE(16),
      payload,
    });
  }
}
