/**
 * Lets programs through that open their stdin again after its end, as `cat /dev/stdin` does.
 *
 * The pipes of operators were made as named ones, and Linux makes whoever opens a named pipe wait for somebody at its other
 * end. A program that opens /dev/stdin when its last writer has gone already would wait for ever. So once the input has
 * ended a writer shows up for a moment now and then: it writes nothing, and a reader sees the end of input as before.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { errnoOf } from '../base/errors.ts';
import { pathOfInode } from './ready-pipes.ts';

/** Most programs open their input as soon as they have started; the slow ones wait no longer than they took to start. */
const FIRST_LOOK_MS = 10;
const MAX_LOOK_MS = 500;

export class LateOpeners {
  readonly #inode: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `inode`: a descriptor of the pipe that is neither of its ends, which belongs to this from now on; undefined where none is needed. */
  constructor(inode: number | undefined) {
    this.#inode = inode;
  }

  /** The input has ended, or is about to. From now on nobody waits in opening it, until `close`. */
  letThrough(): void {
    if (this.#inode !== undefined && !this.#closed && this.#timer === undefined) this.#lookAfter(this.#inode, FIRST_LOOK_MS);
  }

  /** The program has exited. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#inode !== undefined) closeSync(this.#inode);
  }

  #lookAfter(inode: number, ms: number): void {
    this.#timer = setTimeout(() => {
      showWriter(inode);
      this.#lookAfter(inode, Math.min(MAX_LOOK_MS, ms * 2));
    }, ms);
  }
}

function showWriter(inode: number): void {
  try {
    closeSync(openSync(pathOfInode(inode), constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    // Nobody has it open for reading: nobody waits.
    if (errnoOf(error) !== 'ENXIO') throw error;
  }
}
