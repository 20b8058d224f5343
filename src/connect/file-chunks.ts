import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { ChunkReader } from './chunk-reader.ts';

/** Large enough that the cost of a read vanishes, small enough that a block of it goes through the pipeline in milliseconds. */
export const READ_BYTES = 256 * 1024;

/** The bytes of a regular file, from an offset on. Opened at the first read, so that a thousand files in a row need one descriptor. */
export class FileChunks implements ChunkReader {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #doneBytes: number;
  #ended = false;

  constructor(path: string, fromBytes = 0) {
    this.#path = path;
    this.#doneBytes = fromBytes;
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#ended) return undefined;
    try {
      return await this.#read();
    } catch (error) {
      if (this.#ended) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #read(): Promise<Buffer | undefined> {
    this.#handle ??= await open(this.#path, 'r');
    // Blocks keep what they are cut from, so each read has a buffer of its own.
    const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
    const { bytesRead } = await this.#handle.read(chunk, 0, READ_BYTES, this.#doneBytes);
    this.#doneBytes += bytesRead;
    if (this.#ended || bytesRead === 0) {
      await this.close();
      return undefined;
    }
    return chunk.subarray(0, bytesRead);
  }
}
