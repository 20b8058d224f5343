/**
 * One file that appears under its name only when it is complete.
 *
 * F1 Until publish everything is in `<path>.partial`; the path itself is not touched.
 * F2 publish is one rename of a file that was synced before: the old content or the new one, never a mixture.
 * F3 abandon removes the partial file, once whatever was under way has ended. A published file is never removed.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { invariant } from '../base/errors.ts';
import { PARTIAL_SUFFIX } from './part-name.ts';
import type { Sink } from './sink.ts';
import { sinkFailed } from './sink-failed.ts';
import { writeAll } from './write-all.ts';

export class FileSink implements Sink {
  readonly #path: string;
  readonly #handle: FileHandle;
  #bytes: number;
  #written: Promise<void> = Promise.resolve();
  #finished: Promise<void> | undefined;
  #published: Promise<void> | undefined;
  #abandoned: Promise<void> | undefined;

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.#path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Begins the partial file, replacing a left-over one, with the header row if there is one (without newline).
   * Throws SINK_FAILED.
   */
  static async open(path: string, headerRow: string | undefined): Promise<FileSink> {
    const partial = path + PARTIAL_SUFFIX;
    let sink: FileSink | undefined;
    try {
      // Removed and made anew: truncating would write through a link that somebody else has put there.
      await rm(partial, { force: true });
      const header = Buffer.from(headerRow === undefined ? '' : `${headerRow}\n`);
      sink = new FileSink(path, await open(partial, 'wx'), header.length);
      await writeAll(sink.#handle, [header]);
      return sink;
    } catch (error) {
      await sink?.abandon();
      throw sinkFailed(path, error);
    }
  }

  /**
   * Goes on with a partial file whose first `bytes` bytes were committed; what lies behind them is cut off.
   * Throws SINK_FAILED, also when the file is shorter: then it is not the one that was committed.
   */
  static async resume(path: string, bytes: number): Promise<FileSink> {
    const partial = path + PARTIAL_SUFFIX;
    let handle: FileHandle | undefined;
    try {
      handle = await open(partial, 'a');
      const { size } = await handle.stat();
      if (size < bytes) throw new Error(`it has ${size} bytes, but ${bytes} were committed`);
      await handle.truncate(bytes);
      return new FileSink(path, handle, bytes);
    } catch (error) {
      await handle?.close();
      throw sinkFailed(partial, error);
    }
  }

  async write(buffers: readonly Buffer[]): Promise<'open' | 'closed'> {
    if (this.#abandoned !== undefined) return 'closed';
    invariant(this.#finished === undefined, 'a finished sink is not written to');
    this.#written = writeAll(this.#handle, buffers);
    try {
      await this.#written;
      for (const buffer of buffers) this.#bytes += buffer.length;
      return 'open';
    } catch (error) {
      if (this.#abandoned !== undefined) return 'closed';
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

  async #finish(): Promise<void> {
    invariant(this.#abandoned === undefined, 'an abandoned sink is not finished');
    try {
      await this.#written;
      await this.#handle.sync();
      await this.#handle.close();
    } catch (error) {
      throw sinkFailed(this.#path, error);
    }
  }

  async #publish(): Promise<void> {
    invariant(this.#finished !== undefined && this.#abandoned === undefined, 'a sink is published once it is finished');
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
      await this.#handle.close();
      await rm(this.#path + PARTIAL_SUFFIX, { force: true });
    } catch (error) {
      throw sinkFailed(this.#path, error);
    }
  }
}
