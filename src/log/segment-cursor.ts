import { open, type FileHandle } from 'node:fs/promises';
import type { LogRecord } from './log.ts';
import { decodeRecordHeader, payloadMatches, RECORD_HEADER_BYTES, type RecordHeader } from './record-format.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts';

/** One read of this size costs little more than a smaller one, and is little to hold. */
const READ_BYTES = 1024 * 1024;

const EMPTY = Buffer.alloc(0);

/** A segment as it is found in its folder. */
export interface SegmentFile {
  readonly path: string;
  readonly header: SegmentHeader;
}

/**
 * Goes through the records of a segment file, as much of it as there was when it was opened. It hands on only whole ones
 * that are next in line. It keeps one file open, and throws system errors.
 */
export class SegmentCursor {
  readonly #handle: FileHandle;
  readonly #seed: number;
  /** What was read and not yet handed on begins at `#at` of it. */
  #chunk = EMPTY;
  #at = 0;
  /** Of the file, where the chunk ends. */
  #readTo = SEGMENT_HEADER_BYTES;
  #position: number;
  readonly fileBytes: number;

  private constructor(handle: FileHandle, header: SegmentHeader, fileBytes: number) {
    this.#handle = handle;
    this.#seed = header.seed;
    this.#position = header.base;
    this.fileBytes = fileBytes;
  }

  static async open(segment: SegmentFile): Promise<SegmentCursor> {
    const handle = await open(segment.path, 'r');
    try {
      return new SegmentCursor(handle, segment.header, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Position of the next record. */
  get position(): number {
    return this.#position;
  }

  /** Where in the file the next record begins. */
  get offset(): number {
    return this.#readTo - (this.#chunk.length - this.#at);
  }

  /** Undefined when no whole record with the next position is there: the end of the file, if `offset` has reached it. */
  async next(): Promise<LogRecord | undefined> {
    if (!(await this.#fill(RECORD_HEADER_BYTES))) return undefined;
    const header = decodeRecordHeader(this.#seed, this.#chunk, this.#at);
    if (header === undefined || header.position !== this.#position) return undefined;
    const recordBytes = RECORD_HEADER_BYTES + header.payloadBytes;
    if (!(await this.#fill(recordBytes))) return undefined;
    const payload = this.#chunk.subarray(this.#at + RECORD_HEADER_BYTES, this.#at + recordBytes);
    if (!payloadMatches(header, payload)) return undefined;
    this.#at += recordBytes;
    this.#position++;
    return { position: header.position, type: header.type, payload };
  }

  /** The first header behind `offset` that the segment's writer may have put there and that `accepts` takes. */
  async search(accepts: (header: RecordHeader) => boolean): Promise<RecordHeader | undefined> {
    for (let at = this.offset + 1; at + RECORD_HEADER_BYTES <= this.fileBytes; ) {
      const bytes = await this.#readAt(at, Math.min(READ_BYTES, this.fileBytes - at));
      const lastStart = bytes.length - RECORD_HEADER_BYTES;
      for (let start = 0; start <= lastStart; start++) {
        const header = decodeRecordHeader(this.#seed, bytes, start);
        if (header !== undefined && accepts(header)) return header;
      }
      if (lastStart < 0) return undefined;
      at += lastStart + 1;
    }
    return undefined;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Sees to it that so many bytes are there from `#at` on; false when the file has not so many. */
  async #fill(bytes: number): Promise<boolean> {
    const missing = bytes - (this.#chunk.length - this.#at);
    if (missing <= 0) return true;
    if (missing > this.fileBytes - this.#readTo) return false;
    const held = this.#chunk.subarray(this.#at);
    const wanted = Math.max(missing, Math.min(READ_BYTES, this.fileBytes - this.#readTo));
    // A new buffer each time: payloads already handed on are views of the old one.
    const chunk = Buffer.allocUnsafeSlow(held.length + wanted);
    held.copy(chunk);
    const filled = await this.#readInto(chunk, held.length, this.#readTo);
    this.#readTo += filled - held.length;
    this.#chunk = chunk.subarray(0, filled);
    this.#at = 0;
    return filled >= bytes;
  }

  async #readAt(offset: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(bytes);
    return buffer.subarray(0, await this.#readInto(buffer, 0, offset));
  }

  /** Fills the buffer from `start` on with the file from `offset` on, as far as there is any; gives where it is filled to. */
  async #readInto(buffer: Buffer, start: number, offset: number): Promise<number> {
    for (let at = start; at < buffer.length; ) {
      const { bytesRead } = await this.#handle.read(buffer, at, buffer.length - at, offset + at - start);
      if (bytesRead === 0) return at;
      at += bytesRead;
    }
    return buffer.length;
  }
}
