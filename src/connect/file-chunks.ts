import type { ChunkReader } from './chunk-reader.ts';
import { OpenFile } from './open-file.ts';

/** Large enough that the cost of a read vanishes, small enough that a block of it goes through the pipeline in milliseconds. */
export const READ_BYTES = 256 * 1024;

/** The bytes of a regular file, from an offset on. */
export class FileChunks implements ChunkReader {
  readonly #file: OpenFile;
  #doneBytes: number;

  constructor(path: string, fromBytes = 0) {
    this.#file = new OpenFile(path);
    this.#doneBytes = fromBytes;
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  async next(): Promise<Buffer | undefined> {
    // Blocks keep what they are cut from, so each read has a buffer of its own.
    const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
    const bytes = (await this.#file.read(chunk, this.#doneBytes)) ?? 0;
    this.#doneBytes += bytes;
    if (bytes > 0) return chunk.subarray(0, bytes);
    await this.close();
    return undefined;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
