import { randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Durability } from './log.ts';
import { encodeSegmentHeader, segmentName, type SegmentHeader } from './segment-header.ts';
import { syncFolder } from './sync-folder.ts';

/** The segment that a log is writing to; it keeps one file open. Its methods throw system errors. */
export class SegmentWriter {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly #handle: FileHandle;
  #bytes = 0;

  private constructor(path: string, header: SegmentHeader, handle: FileHandle) {
    this.path = path;
    this.header = header;
    this.#handle = handle;
  }

  /** Makes the file. With 'host' its name and header are on the disk before anything else can be written to it. */
  static async create(folder: string, segment: Omit<SegmentHeader, 'seed'>, durability: Durability): Promise<SegmentWriter> {
    const header = { ...segment, seed: randomBytes(4).readUInt32LE() };
    const path = join(folder, segmentName(header.attempt, header.base));
    const handle = await open(path, 'ax');
    const writer = new SegmentWriter(path, header, handle);
    try {
      await writer.write([encodeSegmentHeader(header)]);
      if (durability === 'host') await writer.sync();
      if (durability === 'host') await syncFolder(folder);
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** Bytes written, the header's included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes the buffers one after the other. A system call may take less than it was given. */
  async write(buffers: readonly Buffer[]): Promise<void> {
    let rest: readonly Buffer[] = buffers.filter((buffer) => buffer.length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest);
      this.#bytes += bytesWritten;
      rest = behind(rest, bytesWritten);
    }
  }

  /** What was written before the call is on the disk when it resolves. Never to be tried again once it failed. */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Waits for the calls under way. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** What is left of the buffers behind their first `bytes` bytes. */
function behind(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let skip = bytes;
  let index = 0;
  for (let buffer = buffers[0]; buffer !== undefined && skip >= buffer.length; buffer = buffers[++index]) skip -= buffer.length;
  const rest = buffers.slice(index);
  if (rest[0] !== undefined && skip > 0) rest[0] = rest[0].subarray(skip);
  return rest;
}
