import { open, type FileHandle } from 'node:fs/promises';

/** An ordinary file to be read at any place. Opened at the first read, so that a thousand files in a row need one descriptor. */
export class OpenFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  #closed = false;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Fills the buffer from `offsetBytes` on, as far as the file goes; gives the number of bytes, or undefined once it is closed,
   * whatever became of the read then. Throws system errors.
   */
  async read(buffer: Buffer, offsetBytes: number): Promise<number | undefined> {
    try {
      return await this.#read(buffer, offsetBytes);
    } catch (error) {
      if (this.#closed) return undefined;
      throw error;
    }
  }

  /** Idempotent; a pending `read` gives undefined. */
  async close(): Promise<void> {
    this.#closed = true;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #read(buffer: Buffer, offsetBytes: number): Promise<number | undefined> {
    let filled = 0;
    while (filled < buffer.length && !this.#closed) {
      const handle = (this.#handle ??= await this.#open());
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offsetBytes + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return this.#closed ? undefined : filled;
  }

  /** Closed while it was being opened: there was no handle to close. */
  async #open(): Promise<FileHandle> {
    const handle = await open(this.path, 'r');
    if (this.#closed) await handle.close();
    return handle;
  }
}
