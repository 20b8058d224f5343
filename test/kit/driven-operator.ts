/** A program under the control protocol, with the task's four pipes in the test's hands. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { closePipe, makePipes, type Pipe } from '../../src/task/pipes.ts';

/** Every wait ends by then. Programs answer within milliseconds on an idle machine. */
export const WAIT_LIMIT_MS = 15_000;

export interface State {
  readonly id: number;
  readonly outputBytes: number;
  readonly bytes: Buffer;
}

export interface Exit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

interface Start {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Without it the program is started as an ordinary filter. */
  readonly control?: boolean;
  /** What the operator is given must work whether or not its descriptor 3 blocks. */
  readonly nonblocking?: boolean;
}

/** Bytes that come in, and those who wait for so many of them. */
class Incoming {
  #bytes = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #changed: (() => void)[] = [];
  ended = false;

  constructor(fd: number) {
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('data', (chunk) => {
      this.#pieces.push(chunk);
      this.#tell();
    });
    socket.on('close', () => {
      this.ended = true;
      this.#tell();
    });
    onTestFinished(() => void socket.destroy());
  }

  get all(): Buffer {
    if (this.#pieces.length > 0) this.#bytes = Buffer.concat([this.#bytes, ...this.#pieces]);
    this.#pieces = [];
    return this.#bytes;
  }

  get length(): number {
    return this.#bytes.length + this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Waits until the condition holds; fails when the end comes first, or nothing for too long. */
  async until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      if (this.ended) throw new Error(`the end came before ${what}`);
      await within(new Promise<void>((resolve) => this.#changed.push(resolve)), what);
    }
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

export class DrivenOperator {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #stdin: Socket;
  readonly #toOperator: Socket | undefined;
  readonly #stdout: Incoming;
  readonly #answers: Incoming | undefined;
  #answersRead = 0;

  private constructor(start: Start, pipes: readonly Pipe[]) {
    const [stdin, stdout, down, up] = pipes as [Pipe, Pipe, Pipe?, Pipe?];
    const [command = '', ...args] = start.argv;
    const version = start.control === false ? {} : { RAINSTORM_CONTROL: '1' };
    this.#child = spawn(command, args, {
      stdio: [stdin.readFd, stdout.writeFd, 'pipe', ...(down === undefined || up === undefined ? [] : [down.readFd, up.writeFd])],
      env: { ...process.env, ...start.env, ...version },
    });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
    this.exited = exitOf(this.#child);
    for (const fd of [stdin.readFd, stdout.writeFd, down?.readFd, up?.writeFd]) if (fd !== undefined) closeSync(fd);
    for (const { inode } of pipes) if (inode !== undefined) closeSync(inode);
    this.#stdin = writer(stdin.writeFd);
    this.#stdout = new Incoming(stdout.readFd);
    this.#toOperator = down === undefined ? undefined : writer(down.writeFd);
    this.#answers = up === undefined ? undefined : new Incoming(up.readFd);
  }

  static async start(start: Start): Promise<DrivenOperator> {
    const control = start.control === false ? [] : ([start.nonblocking === true ? 'from-operator' : 'to-operator', 'from-operator'] as const);
    const pipes = await makePipes(['to-operator', 'from-operator', ...control]);
    try {
      return new DrivenOperator(start, pipes);
    } catch (error) {
      for (const pipe of pipes) closePipe(pipe);
      throw error;
    }
  }

  /** Starts a program and says `fresh`, or hands it the state of an earlier one. */
  static async begin(start: Omit<Start, 'control'>, state?: Buffer): Promise<DrivenOperator> {
    const operator = await DrivenOperator.start(start);
    if (state === undefined) await operator.say('fresh\n');
    else await operator.say(Buffer.concat([Buffer.from(`restore ${state.length}\n`), state]));
    await operator.greeting();
    return operator;
  }

  /** All that the program has printed so far. */
  get output(): Buffer {
    return this.#stdout.all;
  }

  /** Writes to stdin; waits until the pipe has it. */
  async feed(bytes: Buffer): Promise<void> {
    await written(this.#stdin, bytes, 'stdin takes input');
  }

  endInput(): void {
    this.#stdin.end();
  }

  /** Writes to descriptor 3; waits until the pipe has it. */
  async say(message: string | Buffer): Promise<void> {
    if (this.#toOperator === undefined) throw new Error('this program is not under control');
    await written(this.#toOperator, Buffer.from(message), 'descriptor 3 takes a message');
  }

  /** Closes descriptor 3. */
  hangUp(): void {
    this.#toOperator?.end();
  }

  async greeting(): Promise<string> {
    return await this.#line();
  }

  /** The next state that the program hands out. */
  async state(): Promise<State> {
    let line = await this.#line();
    // How far it has read a file is no answer.
    while (/^read \d+$/.test(line)) line = await this.#line();
    const match = /^state (\d+) (\d+) (\d+)$/.exec(line);
    if (match === null) throw new Error(`"${line}" is no state`);
    const [id, outputBytes, bytes] = match.slice(1).map(Number) as [number, number, number];
    return { id, outputBytes, bytes: await this.#take(bytes) };
  }

  /** How much input the program says that it has handled, the next time. */
  async handled(): Promise<number> {
    const line = await this.#line();
    const match = /^read (\d+)$/.exec(line);
    if (match === null) throw new Error(`"${line}" does not say what was read`);
    return Number(match[1]);
  }

  /** Waits until the program has printed so many bytes. */
  async printed(bytes: number): Promise<Buffer> {
    await this.#stdout.until(() => this.#stdout.length >= bytes, `${bytes} bytes of output, after ${this.#stdout.length}`);
    return this.output.subarray(0, bytes);
  }

  /** The output of a run that ends well from here. */
  async finish(): Promise<Buffer> {
    this.endInput();
    const { status, signal, stderr } = await within(this.exited, 'the program ends');
    if (status !== 0) throw new Error(`ended with ${status ?? signal}: ${stderr}`);
    if (!this.#stdout.ended) await this.#stdout.until(() => this.#stdout.ended, 'the end of stdout');
    return this.output;
  }

  /** Stops the process where it is; afterwards it does nothing until `thaw`. */
  async freeze(): Promise<void> {
    this.#child.kill('SIGSTOP');
    const deadline = Date.now() + WAIT_LIMIT_MS;
    while (!/^\d+ \(.*\) T/s.test(readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8'))) {
      if (Date.now() > deadline) throw new Error('the process does not stop');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await within(this.exited, 'the program dies');
  }

  async #line(): Promise<string> {
    const incoming = this.#controlled();
    const end = () => incoming.all.indexOf('\n', this.#answersRead);
    await incoming.until(() => end() !== -1, 'a line on descriptor 4');
    const line = incoming.all.toString('latin1', this.#answersRead, end());
    this.#answersRead = end() + 1;
    return line;
  }

  async #take(bytes: number): Promise<Buffer> {
    const incoming = this.#controlled();
    await incoming.until(() => incoming.length >= this.#answersRead + bytes, `${bytes} bytes of state`);
    this.#answersRead += bytes;
    return incoming.all.subarray(this.#answersRead - bytes, this.#answersRead);
  }

  #controlled(): Incoming {
    if (this.#answers === undefined) throw new Error('this program is not under control');
    return this.#answers;
  }
}

function writer(fd: number): Socket {
  const socket = new Socket({ fd, readable: false, writable: true });
  // A program that has gone shows in its exit status.
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function written(socket: Socket, bytes: Buffer, what: string): Promise<void> {
  await within(new Promise<void>((resolve) => socket.write(bytes, () => resolve())), what);
}

function exitOf(child: ChildProcess): Promise<Exit> {
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, stderr: Buffer.concat(stderr).toString() }));
  });
}

async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${WAIT_LIMIT_MS} ms in vain until ${what}`)), WAIT_LIMIT_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
