/**
 * An operator's two descriptors to its task: it reads 3 and writes 4.
 *
 * 3 has to be waited for, beside stdin, and to be read without waiting, behind each piece of stdin. The event loop does the
 * first, a plain `read` the second: the loop has made the descriptor non-blocking, so that it fails with EAGAIN where there
 * is nothing. Both hand on what they read in the order in which they read it.
 */
import { fstatSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { RainstormError, errnoOf } from '../base/errors.ts';
import { ControlParser } from './control-parser.ts';
import type { Checkpoint, InputRange } from './control-parser.ts';
import type { Signal } from './signal.ts';

/** Of the environment: set to the version of the protocol where a task speaks it. */
const VARIABLE = 'RAINSTORM_CONTROL';
const VERSION = '1';

const FROM_TASK_FD = 3;
const TO_TASK_FD = 4;

/** A message is a short line; only a state to begin with takes several reads. */
const READ_BYTES = 64 * 1024;

export class ControlLink {
  readonly #signal: Signal;
  readonly #parser = new ControlParser();
  readonly #fromTask: Socket;
  readonly #toTask: Socket;
  /** Read by the event loop, and not looked at yet. */
  #received: Buffer[] = [];
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #open = true;

  private constructor(signal: Signal) {
    this.#signal = signal;
    this.#fromTask = new Socket({
      fd: FROM_TASK_FD, readable: true, writable: false,
      // Not through the stream's own buffer, which may hand bytes on later than a plain read gets those behind them.
      onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: (bytes, buffer) => this.#receive(Buffer.from(buffer.subarray(0, bytes))) },
    });
    this.#toTask = new Socket({ fd: TO_TASK_FD, readable: false, writable: true });
    for (const socket of [this.#fromTask, this.#toTask]) {
      // A task that goes away, or wants no more checkpoints, is no mistake: the operator goes on without.
      socket.on('error', () => this.#closed());
      socket.on('close', () => this.#closed());
    }
  }

  /**
   * The link to the task, or undefined where the program runs as an ordinary filter. `signal` is raised whenever there may be
   * something new. Throws PROTOCOL for another version, or for descriptors that are not there. Call it once: the variable is
   * taken out of the environment, as the descriptors are for no program that this one starts.
   */
  static open(environment: NodeJS.ProcessEnv, signal: Signal): ControlLink | undefined {
    const version = environment[VARIABLE];
    if (version === undefined) return undefined;
    delete environment[VARIABLE];
    if (version !== VERSION) throw new RainstormError('PROTOCOL', `${VARIABLE} is ${version}; this operator speaks version ${VERSION}`);
    for (const fd of [FROM_TASK_FD, TO_TASK_FD]) requirePipe(fd);
    return new ControlLink(signal);
  }

  /** Greets the task; gives the state to begin with, or undefined for a fresh start. Throws PROTOCOL. */
  async begin(): Promise<Buffer | undefined> {
    await this.#write(Buffer.from(`rainstorm-operator ${VERSION} ranges\n`));
    await this.#until(() => this.#parser.begun);
    if (!this.#parser.begun && this.#parser.unfinished) throw new RainstormError('PROTOCOL', 'descriptor 3 ended in the middle of the state to begin with');
    return this.#parser.takeState();
  }

  /** Reads all that is there, without waiting; gives the checkpoint that the task wants. Throws PROTOCOL. */
  wanted(): Checkpoint | undefined {
    this.#drain();
    return this.#parser.wanted;
  }

  /** What the task has said already of which checkpoint it wants, without reading on. */
  get known(): Checkpoint | undefined {
    return this.#parser.wanted;
  }

  /** Where the input goes on in a file; to be taken when it has come to there. Throws PROTOCOL. */
  range(): InputRange | undefined {
    // What was said before it is known by then, and what is said behind it has time.
    if (this.#parser.range === undefined) this.#drain();
    return this.#parser.range;
  }

  takeRange(): void {
    this.#parser.takeRange();
  }

  /** Says how much input has been handled, in bytes. */
  handled(bytes: number): Promise<void> {
    return this.#write(Buffer.from(`read ${bytes}\n`));
  }

  /** Hands a state out and waits until the operator may go on. `outputBytes`: written to stdout by now. Throws PROTOCOL. */
  async answer({ id }: Checkpoint, outputBytes: number, state: Buffer): Promise<void> {
    this.#parser.markAnswered();
    await this.#write(Buffer.from(`state ${id} ${outputBytes} ${state.length}\n`));
    await this.#write(state);
    await this.#until(() => !this.#parser.held);
  }

  /** Lets the descriptors go, so that the process can end. */
  close(): void {
    this.#fromTask.destroy();
    this.#toTask.destroy();
  }

  #receive(bytes: Buffer): true {
    this.#received.push(bytes);
    this.#signal.raise();
    return true;
  }

  #drain(): void {
    for (const bytes of this.#received) this.#parser.push(bytes);
    this.#received = [];
    while (!this.#fromTask.destroyed) {
      const bytes = readThere(this.#readBuffer);
      if (bytes === undefined) return;
      if (bytes === 0) {
        this.#open = false;
        return;
      }
      this.#parser.push(this.#readBuffer.subarray(0, bytes));
    }
  }

  /** Waits for the condition, or until nothing more can come. */
  async #until(condition: () => boolean): Promise<void> {
    this.#drain();
    while (this.#open && !condition()) {
      await this.#signal.wait();
      this.#drain();
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#toTask.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    // What goes wrong here is told by the socket's own event.
    this.#toTask.write(bytes, () => resolve());
    await promise;
  }

  #closed(): void {
    this.#open = false;
    this.#signal.raise();
  }
}

/** The number of bytes read; 0 at the end; undefined when nothing is there now. */
function readThere(buffer: Buffer): number | undefined {
  try {
    return readSync(FROM_TASK_FD, buffer);
  } catch (error) {
    if (errnoOf(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

function requirePipe(fd: number): void {
  let isPipe = false;
  try {
    const stat = fstatSync(fd);
    isPipe = stat.isFIFO() || stat.isSocket();
  } catch (error) {
    if (errnoOf(error) !== 'EBADF') throw error;
  }
  if (!isPipe) {
    throw new RainstormError('PROTOCOL', `${VARIABLE} is set, and descriptor ${fd} is no pipe`, {
      hint: `Only a task sets ${VARIABLE}; unset it to run the operator by hand.`,
    });
  }
}
