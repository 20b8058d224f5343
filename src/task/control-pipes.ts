/** The two pipes of an operator's control protocol, on our side. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { errnoOf } from '../base/errors.ts';
import type { Pipe } from './pipes.ts';

export class ControlPipes {
  readonly #to: Socket;
  readonly #from: Socket;
  #open = true;

  /** Takes the write end of `to` and the read end of `from`; the operator has the others. */
  constructor(to: Pipe, from: Pipe, chunk: (bytes: Buffer) => void) {
    this.#to = new Socket({ fd: to.writeFd, readable: false, writable: true });
    this.#from = new Socket({ fd: from.readFd, readable: true, writable: false });
    if (to.inode !== undefined) closeSync(to.inode);
    this.#to.on('error', (error) => {
      this.#open = false;
      // An operator that does not care closes its end, or is gone.
      if (errnoOf(error) !== 'EPIPE') throw error;
    });
    this.#from.on('data', chunk);
  }

  /** What was written is in the operator's pipe. */
  get written(): boolean {
    return !this.#open || this.#to.writableLength === 0;
  }

  /** `done` is called when the operator's pipe has the bytes, or never will. */
  write(bytes: Buffer, done: () => void): void {
    if (!this.#open) return done();
    this.#to.write(bytes, () => done());
  }

  close(): void {
    this.#open = false;
    this.#to.destroy();
    this.#from.destroy();
  }
}
