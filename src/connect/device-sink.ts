import { constants, open, type FileHandle } from 'node:fs/promises';
import type { Sink } from './sink.ts';
import { sinkFailed } from './sink-failed.ts';
import { writeAll } from './write-all.ts';

/** A device such as /dev/null, written as it is: there is nothing to rename, and what is out cannot be taken back. */
export class DeviceSink implements Sink {
  readonly bytes = undefined;
  readonly #path: string;
  readonly #handle: FileHandle;
  #closed: Promise<void> | undefined;
  #abandoned = false;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Opens an existing device and writes the header row, if there is one (without newline). Throws SINK_FAILED. */
  static async open(path: string, headerRow: string | undefined): Promise<DeviceSink> {
    let sink: DeviceSink | undefined;
    try {
      sink = new DeviceSink(path, await open(path, constants.O_WRONLY));
      if (headerRow !== undefined) await writeAll(sink.#handle, [Buffer.from(`${headerRow}\n`)]);
      return sink;
    } catch (error) {
      await sink?.abandon();
      throw sinkFailed(path, error);
    }
  }

  async write(buffers: readonly Buffer[]): Promise<'open' | 'closed'> {
    if (this.#abandoned) return 'closed';
    try {
      await writeAll(this.#handle, buffers);
      return 'open';
    } catch (error) {
      if (this.#abandoned) return 'closed';
      throw sinkFailed(this.#path, error);
    }
  }

  async finish(): Promise<void> {
    await this.#close();
  }

  async publish(): Promise<void> {}

  async abandon(): Promise<void> {
    this.#abandoned = true;
    await this.#close();
  }

  leave(): Promise<void> {
    return this.abandon();
  }

  #close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }
}
