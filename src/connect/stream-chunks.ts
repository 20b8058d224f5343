import type { Readable } from 'node:stream';
import { invariant } from '../base/errors.ts';
import type { ChunkReader } from './chunk-reader.ts';

/** The bytes of a stream. Between two reads it holds no more than its own high-water mark and stops reading beyond it. */
export class StreamChunks implements ChunkReader {
  readonly #stream: Readable;
  #iterator: AsyncIterator<unknown> | undefined;
  #doneBytes = 0;
  #closed = false;

  constructor(stream: Readable) {
    this.#stream = stream;
    // A failure is reported by the iterator; one that comes before the first read or after the last must not end the process.
    stream.on('error', () => undefined);
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#closed) return undefined;
    this.#iterator ??= this.#stream[Symbol.asyncIterator]();
    try {
      const { value, done } = await this.#iterator.next();
      if (done === true || this.#closed) return undefined;
      invariant(Buffer.isBuffer(value), 'a source stream has no encoding set');
      this.#doneBytes += value.length;
      return value;
    } catch (error) {
      // Destroying a stream ends a pending read with an error, which is what was asked for.
      if (this.#closed) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stream.destroy();
  }
}
