/**
 * One file that appears under its name only when it is complete.
 *
 * F1 Until publish everything is in `<path>.partial`; the path itself is not touched.
 * F2 publish is one rename of a file that was synced before: the old content or the new one, never a mixture.
 * F3 abandon removes the partial file, once whatever was under way has ended. A published file is never removed.
 */
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { errnoOf, invariant } from '../base/errors.ts';
import { PARTIAL_SUFFIX } from './part-name.ts';
import type { Sink } from './sink.ts';
import { sinkFailed } from './sink-failed.ts';
import { writeAll } from './write-all.ts';

export class FileSink implements Sink {
  readonly #path: string;
  /** Undefined once an attempt before has published. */
  readonly #handle: FileHandle | undefined;
  #bytes: number;
  #written: Promise<void> = Promise.resolve();
  #finished: Promise<void> | undefined;
  #published: Promise<void> | undefined;
  #abandoned: Promise<void> | undefined;
  #left: Promise<void> | undefined;
  readonly #durable: boolean;

  private constructor(path: string, handle: FileHandle | undefined, bytes: number, durable: boolean) {
    this.#durable = durable;
    this.#path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Begins the partial file, replacing a left-over one, with the header row if there is one (without newline). `durable`:
   * what is written is to survive a power failure at once, not only when it is finished. Throws SINK_FAILED.
   */
  static async open(path: string, headerRow: string | undefined, durable = false): Promise<FileSink> {
    const partial = path + PARTIAL_SUFFIX;
    let sink: FileSink | undefined;
    try {
      // Removed and made anew: truncating would write through a link that somebody else has put there.
      await rm(partial, { force: true });
      const header = Buffer.from(headerRow === undefined ? '' : `${headerRow}\n`);
      const handle = await open(partial, 'wx');
      sink = new FileSink(path, handle, header.length, durable);
      await writeAll(handle, [header]);
      return sink;
    } catch (error) {
      await sink?.abandon();
      throw sinkFailed(path, error);
    }
  }

  /**
   * Goes on with a partial file whose first `bytes` bytes were committed; what lies behind them is cut off. `finalizing`: it
   * was about to be published, and if it is gone, that has happened.
   * Throws SINK_FAILED, also when the file is shorter: then it is not the one that was committed.
   */
  static async resume(path: string, { bytes, finalizing }: Resumption, durable = false): Promise<FileSink> {
    const partial = path + PARTIAL_SUFFIX;
    let handle: FileHandle | undefined;
    try {
      if (finalizing && (await isPublished(path, bytes))) return FileSink.#publishedBefore(path, bytes);
      handle = await open(partial, 'a');
      const { size } = await handle.stat();
      if (size < bytes) throw new Error(`it has ${size} bytes, but ${bytes} were committed`);
      await handle.truncate(bytes);
      return new FileSink(path, handle, bytes, durable);
    } catch (error) {
      await handle?.close();
      throw sinkFailed(partial, error);
    }
  }

  /** F2 was done by an attempt before. */
  static #publishedBefore(path: string, bytes: number): FileSink {
    const sink = new FileSink(path, undefined, bytes, false);
    sink.#finished = Promise.resolve();
    sink.#published = Promise.resolve();
    return sink;
  }

  async write(buffers: readonly Buffer[]): Promise<'open' | 'closed'> {
    if (this.#isClosed) return 'closed';
    invariant(this.#finished === undefined && this.#handle !== undefined, 'a finished sink is not written to');
    this.#written = this.#writeSafely(this.#handle, buffers);
    try {
      await this.#written;
      for (const buffer of buffers) this.#bytes += buffer.length;
      return 'open';
    } catch (error) {
      if (this.#isClosed) return 'closed';
      throw sinkFailed(this.#path, error);
    }
  }

  finish(): Promise<void> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  publish(): Promise<void> {
    this.#published ??= this.#publish();
    return this.#published;
  }

  abandon(): Promise<void> {
    this.#abandoned ??= this.#abandon();
    return this.#abandoned;
  }

  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  get #isClosed(): boolean {
    return this.#abandoned !== undefined || this.#left !== undefined;
  }

  async #writeSafely(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
    await writeAll(handle, buffers);
    if (this.#durable) await handle.datasync();
  }

  async #finish(): Promise<void> {
    invariant(!this.#isClosed, 'an abandoned sink is not finished');
    try {
      await this.#written;
      await this.#handle?.sync();
      await this.#handle?.close();
    } catch (error) {
      throw sinkFailed(this.#path, error);
    }
  }

  async #publish(): Promise<void> {
    invariant(this.#finished !== undefined && !this.#isClosed, 'a sink is published once it is finished');
    await this.#finished;
    try {
      await rename(this.#path + PARTIAL_SUFFIX, this.#path);
    } catch (error) {
      throw sinkFailed(this.#path, error);
    }
  }

  async #abandon(): Promise<void> {
    // Failures were told to whoever asked for the write, the finish or the publish; here only their end matters.
    const [published] = await Promise.allSettled([this.#published, this.#finished, this.#written]);
    if (this.#published !== undefined && published.status === 'fulfilled') return;
    try {
      await this.#handle?.close();
      await rm(this.#path + PARTIAL_SUFFIX, { force: true });
    } catch (error) {
      throw sinkFailed(this.#path, error);
    }
  }

  async #leave(): Promise<void> {
    await Promise.allSettled([this.#abandoned, this.#published, this.#finished, this.#written]);
    await this.#handle?.close();
  }
}

/** What an attempt before has committed of a file. */
export interface Resumption {
  readonly bytes: number;
  readonly finalizing: boolean;
}

async function isPublished(path: string, bytes: number): Promise<boolean> {
  const partial = await sizeOf(path + PARTIAL_SUFFIX);
  return partial === undefined && (await sizeOf(path)) === bytes;
}

/** Undefined where there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what was left half written of a result, when nobody writes it any more. Throws SINK_FAILED. */
export async function removePartial(path: string): Promise<void> {
  await rm(path + PARTIAL_SUFFIX, { force: true }).catch((error: unknown) => {
    throw sinkFailed(path, error);
  });
}
