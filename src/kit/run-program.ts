/**
 * The main program of every operator: standard input through a `ByteOperator` to standard output, and checkpoints on the way
 * where the program runs under a task (docs/control-protocol.md).
 *
 * U1 Nothing of stdin is read and nothing written to stdout before the task has said where to begin.
 * U2 Behind each piece of stdin, and before any of it is handled, all that the task has said is read. It says which
 *    checkpoint it wants before it writes the first byte behind it, so none is passed by.
 * U3 A state is taken after exactly `offset` bytes of stdin, whatever pieces they came in; it is answered at once, also while
 *    no more input comes.
 * U4 Before the state goes out, all output that was made before it has been written to stdout, and nothing more is written
 *    until the task says `continue` or goes away.
 * U5 Input that stands in a file is read there, when all before it has been handled. What is said on descriptor 3 comes in
 *    order: a checkpoint before a range was said before it.
 */
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import type { ByteOperator } from './byte-operator.ts';
import { ControlLink } from './control-link.ts';
import { InputFiles } from './input-files.ts';
import type { Checkpoint } from './control-parser.ts';
import { Signal } from './signal.ts';

/** What a shell reports of a program that died because nobody reads its output any more: 128 + SIGPIPE. */
const STATUS_PIPE_CLOSED = 141;

/** How often it is said how far a range has been handled: a fraction of any time after which somebody would worry. */
const SAY_READ_MS = 500;

/**
 * Runs as the program called `name` and ends the process. Output is written after every chunk of input, so a slow stream is
 * seen at once. `prepare` gives what to run, or a text to print instead. Exit status 0; 2 for a wrong command line; 1 for
 * input that it cannot take; 141 when its output is closed.
 */
export async function runProgram(name: string, prepare: () => ByteOperator | string): Promise<void> {
  process.stdout.once('error', (error) => process.exit(report(name, error)));
  try {
    const prepared = prepare();
    if (typeof prepared === 'string') {
      process.stdout.write(prepared);
      return;
    }
    refuseFolder();
    await new Program(prepared).run();
  } catch (error) {
    process.exit(report(name, error));
  }
}

class Program {
  readonly #stream: ByteOperator;
  readonly #signal = new Signal();
  readonly #link: ControlLink | undefined;
  readonly #files: InputFiles;
  /** Of the input, handled. */
  #readBytes = 0;
  /** To stdout. */
  #writtenBytes = 0;

  constructor(stream: ByteOperator) {
    this.#stream = stream;
    this.#files = new InputFiles(stream.wantsWhole);
    this.#link = ControlLink.open(process.env, this.#signal);
  }

  async run(): Promise<void> {
    // U1
    const state = await this.#link?.begin();
    if (state !== undefined) this.#stream.restore(state);
    const input = new Input(process.stdin, this.#signal);
    for (;;) {
      // Looked at first: what the task said before it closed stdin is there by then.
      const { ended } = input;
      if (await this.#readRange()) continue;
      const chunk = input.read();
      if (chunk !== undefined) await this.#feed(chunk);
      // What the look at ranges did not find is looked for when the signal is raised: a second look here might find a range.
      else if (!(await this.#answerHere(this.#checked(this.#link?.known)))) {
        if (ended) break;
        await this.#signal.wait();
      }
    }
    for (const bytes of this.#stream.end()) await this.#write(bytes);
    this.#link?.close();
  }

  /** U5. Gives false where the input does not go on in a file. */
  async #readRange(): Promise<boolean> {
    const range = this.#link?.range();
    if (range === undefined || range.at !== this.#readBytes) return false;
    await this.#answerHere(this.#checked(this.#link?.known));
    this.#link?.takeRange();
    let saidAt = performance.now();
    for (const piece of this.#files.read(range)) {
      // On the way, too: a task that hears nothing for long takes its operator for one that stands still.
      if (performance.now() - saidAt > SAY_READ_MS) {
        await this.#link?.handled(this.#readBytes);
        saidAt = performance.now();
      }
      this.#readBytes += piece.length;
      await this.#write(this.#stream.push(piece));
    }
    await this.#link?.handled(this.#readBytes);
    return true;
  }

  async #feed(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      // U2
      const checkpoint = this.#wanted();
      const part = checkpoint === undefined ? rest : rest.subarray(0, checkpoint.offset - this.#readBytes);
      this.#readBytes += part.length;
      await this.#write(this.#stream.push(part));
      rest = rest.subarray(part.length);
      await this.#answerHere(checkpoint);
    }
  }

  #wanted(): Checkpoint | undefined {
    return this.#checked(this.#link?.wanted());
  }

  #checked(checkpoint: Checkpoint | undefined): Checkpoint | undefined {
    if (checkpoint !== undefined && checkpoint.offset < this.#readBytes) {
      throw new RainstormError('PROTOCOL', `checkpoint ${checkpoint.id} is wanted at byte ${checkpoint.offset} of stdin, when ${this.#readBytes} have been handled`);
    }
    return checkpoint;
  }

  /** Answers the checkpoint if all before it has been handled; gives false if not, or if there is none. */
  async #answerHere(checkpoint: Checkpoint | undefined): Promise<boolean> {
    // U3
    if (checkpoint === undefined || checkpoint.offset > this.#readBytes) return false;
    await this.#written();
    await this.#link?.answer(checkpoint, this.#writtenBytes, this.#stream.state());
    return true;
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#writtenBytes += bytes.length;
    if (bytes.length > 0 && !process.stdout.write(bytes)) await once(process.stdout, 'drain');
  }

  /** U4: waits until stdout has taken all. */
  async #written(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    process.stdout.write('', () => resolve());
    await promise;
  }
}

/** Standard input, to be read piece by piece by a loop that waits for other things too. */
class Input {
  readonly #stream: Readable;
  #ended = false;
  #failure: Error | undefined;

  constructor(stream: Readable, signal: Signal) {
    this.#stream = stream;
    stream.on('readable', () => signal.raise());
    stream.once('end', () => {
      this.#ended = true;
      signal.raise();
    });
    stream.once('error', (error) => {
      this.#failure = error;
      signal.raise();
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What is there now, if anything is. Throws what reading failed with. */
  read(): Buffer | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    return (this.#stream.read() as Buffer | null) ?? undefined;
  }
}

/** Node reads a folder as if it were empty. */
function refuseFolder(): void {
  if (fstatSync(0).isDirectory()) throw new RainstormError('SOURCE_UNREADABLE', 'standard input is a folder');
}

/** Tells the user what went wrong; gives the exit status. */
function report(name: string, error: unknown): number {
  if (errnoOf(error) === 'EPIPE') return STATUS_PIPE_CLOSED;
  const hint = error instanceof RainstormError && error.hint !== undefined ? `\n  ${error.hint}` : '';
  const text = error instanceof RainstormError || errnoOf(error) !== undefined ? messageOf(error) : bugReport(error);
  process.stderr.write(`${text.startsWith(`${name} `) ? '' : `${name}: `}${text}${hint}\n`);
  return error instanceof RainstormError ? error.exitStatus : 1;
}

function bugReport(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
