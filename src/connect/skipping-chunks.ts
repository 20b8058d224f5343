import type { ChunkReader } from './chunk-reader.ts';

/** Chunks without the first so many bytes, for an input that can only be read from its beginning. */
export class SkippingChunks implements ChunkReader {
  readonly #chunks: ChunkReader;
  #skipBytes: number;

  constructor(chunks: ChunkReader, skipBytes: number) {
    this.#chunks = chunks;
    this.#skipBytes = skipBytes;
  }

  get doneBytes(): number {
    return this.#chunks.doneBytes;
  }

  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = await this.#chunks.next();
      if (chunk === undefined) return undefined;
      const skipped = Math.min(this.#skipBytes, chunk.length);
      this.#skipBytes -= skipped;
      if (skipped < chunk.length) return chunk.subarray(skipped);
    }
  }

  close(): Promise<void> {
    return this.#chunks.close();
  }
}
