import { createGunzip } from 'node:zlib';
import { errnoOf } from '../base/errors.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { READ_BYTES } from './file-chunks.ts';
import { StreamChunks } from './stream-chunks.ts';

/**
 * The bytes that a gzip file holds, of all its members.
 *
 * Node's gunzip stops without a word at a zero byte behind a member, because files are padded with them. So what it left
 * unread is looked at here: anything but zeros is a damaged file, whose other half must not be lost silently.
 */
export class GzipChunks implements ChunkReader {
  readonly #stored: ChunkReader;
  readonly #gunzip = createGunzip({ chunkSize: READ_BYTES });
  readonly #unpacked = new StreamChunks(this.#gunzip);
  #feeding: Promise<void> | undefined;
  #failure: unknown;
  /** Ends the wait for a write whose callback will not come because gunzip is gone. */
  #endWrite: () => void = () => undefined;
  #closed = false;

  /** `stored`: the compressed bytes. */
  constructor(stored: ChunkReader) {
    this.#stored = stored;
    this.#gunzip.once('close', () => this.#endWrite());
  }

  get doneBytes(): number {
    return this.#stored.doneBytes;
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#closed) return undefined;
    this.#feeding ??= this.#feed();
    try {
      const chunk = await this.#unpacked.next();
      if (chunk !== undefined) return chunk;
    } catch (error) {
      if (this.#closed) return undefined;
      throw this.#failure ?? readable(error);
    }
    await this.#feeding;
    if (this.#failure !== undefined && !this.#closed) throw this.#failure;
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#unpacked.close();
    await this.#stored.close();
  }

  /** Hands gunzip one chunk after the other, each when the one before is used up. Never rejects. */
  async #feed(): Promise<void> {
    try {
      await this.#feedAll();
    } catch (error) {
      this.#failure = error;
      this.#gunzip.destroy();
    }
  }

  async #feedAll(): Promise<void> {
    let fedBytes = 0;
    for (;;) {
      const chunk = await this.#stored.next();
      if (chunk === undefined || this.#closed) break;
      await this.#write(chunk);
      fedBytes += chunk.length;
      const unreadBytes = fedBytes - this.#gunzip.bytesWritten;
      if (this.#gunzip.errored !== null || this.#closed) return;
      if (unreadBytes > 0) return await this.#checkPadding(chunk.subarray(chunk.length - unreadBytes));
    }
    if (fedBytes === 0 && !this.#closed) throw new Error('the file is empty, which no gzip file is');
    this.#gunzip.end();
  }

  #write(chunk: Buffer): Promise<void> {
    if (this.#gunzip.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#endWrite = resolve;
      // An error here is gunzip's own, which the reading side reports.
      this.#gunzip.write(chunk, () => resolve());
    });
  }

  async #checkPadding(unread: Buffer): Promise<void> {
    for (let rest: Buffer | undefined = unread; rest !== undefined; rest = await this.#stored.next()) {
      if (rest.some((byte) => byte !== 0)) throw new Error('other bytes follow its gzip data, so the file is damaged');
    }
  }
}

/** zlib's errors in words that fit behind `cannot read x.gz:`. */
function readable(error: unknown): unknown {
  const code = errnoOf(error);
  if (code === 'Z_BUF_ERROR') return new Error('the gzip data is cut off', { cause: error });
  if (code?.startsWith('Z_') === true && error instanceof Error) {
    return new Error(`the gzip data is damaged: ${error.message}`, { cause: error });
  }
  return error;
}
