import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { DeadLetters } from './dead-letters.ts';

/** The tuples that one task has left out, one behind the other, as they came. */
export class DeadLetterFile implements DeadLetters {
  readonly #path: string;

  /** The file is made when there is something to write. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when the bytes are on the disk. Rejects with STORE_FAILED. */
  async write(bytes: Buffer, offsetBytes: number): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      const file = await open(this.#path, constants.O_WRONLY | constants.O_CREAT, 0o644);
      try {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, offsetBytes + at)).bytesWritten;
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw new RainstormError('STORE_FAILED', `a tuple that is left out cannot be written to ${this.#path}: ${reasonOf(cause)}`, { cause });
    }
  }
}
