/**
 * One attempt of an operator: its processes, the pipes between them and to us.
 *
 * E1 A chain's inner pipe keeps a write end of ours until its writer has exited with an allowed status: a writer that
 *    crashes must not look like the end of input to the process behind it, which would print plausible partial results.
 * E2 On a crash of one process the others are killed before anything sees an end of input.
 * E3 Each process leads a process group of its own, so that what it started is killed with it, and what it left behind
 *    when its pipes are closed.
 * E4 stderr is always drained, and after a kill stdout too: nobody must wait for what nobody wants.
 */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { errnoOf } from '../base/errors.ts';
import { processStartTime } from '../base/process-identity.ts';
import { isFailure, type MemberExit } from './exit-verdict.ts';
import { CONTROL_VERSION } from './control-channel.ts';
import { ControlPipes } from './control-pipes.ts';
import type { Member } from './operator-command.ts';
import { LateOpeners } from './late-openers.ts';
import { loadExeca, type Execa } from './load-execa.ts';
import { makePipes, type Pipe, type PipeUse } from './pipes.ts';

export interface OperatorProcessEvents {
  stdout(chunk: Buffer): void;
  /** All write ends of stdout are closed. */
  stdoutEnd(): void;
  stderr(chunk: Buffer): void;
  /** Written to its end of the control protocol, where it has one. */
  control(chunk: Buffer): void;
  /** Room in the operator's stdin again, after `write` gave false. */
  drain(): void;
  /** The operator closed its stdin before the end of input. */
  stdinClosed(): void;
  /** Every process has exited, and stdout and stderr are at their ends. */
  exited(exits: readonly MemberExit[]): void;
}

export interface ProcessGroup {
  readonly pid: number;
  /** Tells this process from a later one with the same pid. */
  readonly startTime: string | undefined;
}

interface StartOptions {
  readonly members: readonly Member[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Whether the operator, of one process then, is offered the control protocol. */
  readonly control?: boolean;
}

const CONTROL_USES: readonly PipeUse[] = ['to-operator', 'from-operator'];

/** All pipes of an operator. */
interface Pipes {
  /** Through the processes: the first is stdin, the last is stdout. */
  readonly data: readonly Pipe[];
  readonly stderr: Pipe;
  /** To the operator and from it. */
  readonly control: readonly [Pipe, Pipe] | undefined;
}

export class OperatorProcess {
  readonly groups: readonly ProcessGroup[];
  readonly #stdin: Socket;
  readonly #stdout: Socket;
  readonly #control: ControlPipes | undefined;
  readonly #execa: Execa;
  readonly #events: OperatorProcessEvents;
  readonly #exits: (MemberExit | undefined)[];
  /** Of each process's input. */
  readonly #lateOpeners: readonly LateOpeners[];
  /** Process groups whose first process has exited and left others behind. As long as they live, nobody else gets that number. */
  readonly #leftBehind = new Set<number>();
  /** One process has failed, and the others were killed for it. */
  #failed = false;
  #openEnds = 2;
  #stdinOpen = true;
  #killed = false;

  private constructor(execa: Execa, options: StartOptions, { data: pipes, stderr, control }: Pipes, events: OperatorProcessEvents) {
    this.#execa = execa;
    this.#events = events;
    this.#exits = options.members.map(() => undefined);
    this.#lateOpeners = options.members.map((_, index) => new LateOpeners((pipes[index] as Pipe).inode));
    const first = pipes[0] as Pipe;
    const last = pipes[pipes.length - 1] as Pipe;
    // The reader is attached in the tick that starts the process.
    this.#stdout = reader(last.readFd, (chunk) => events.stdout(chunk), () => this.#stdoutEnded());
    reader(stderr.readFd, (chunk) => events.stderr(chunk), () => this.#endClosed());
    this.#stdin = new Socket({ fd: first.writeFd, readable: false, writable: true });
    this.#stdin.on('drain', () => events.drain());
    this.#stdin.on('error', (error) => this.#stdinFailed(error));
    if (control !== undefined) this.#control = new ControlPipes(...control, (chunk) => events.control(chunk));
    const others = control === undefined ? [] : [control[0].readFd, control[1].writeFd];
    this.groups = options.members.map((member, index) => this.#startMember(options, member, index, pipes, [stderr.writeFd, ...others]));
    for (const fd of [last.writeFd, stderr.writeFd, ...others]) closeSync(fd);
  }

  /** Starts the processes. A command that cannot be started shows as an exit with `spawnError`. */
  static async start(options: StartOptions, events: OperatorProcessEvents): Promise<OperatorProcess> {
    const inner: PipeUse[] = options.members.slice(1).map(() => 'between-operators');
    const uses: PipeUse[] = ['from-operator', 'to-operator', ...inner, 'from-operator', ...(options.control === true ? CONTROL_USES : [])];
    const [{ execa }, pipes] = await Promise.all([loadExeca(), makePipes(uses)]);
    const [stderr, ...rest] = pipes as [Pipe, ...Pipe[]];
    const data = rest.splice(0, options.members.length + 1);
    return new OperatorProcess(execa, options, { data, stderr, control: options.control === true ? (rest as [Pipe, Pipe]) : undefined }, events);
  }

  get killed(): boolean {
    return this.#killed;
  }

  /** Writes to stdin; `done` is called when the pipe has the bytes. Gives false when no more should be written before `drain`. */
  write(bytes: Buffer, done: () => void): boolean {
    if (!this.#stdinOpen) {
      done();
      return true;
    }
    return this.#stdin.write(bytes, () => done());
  }

  /** What was written and is not in the pipe yet, in bytes. */
  get pendingBytes(): number {
    // A large write goes into a pipe piece by piece, of which only the stream's handle tells.
    const queued: unknown = Reflect.get(Object(Reflect.get(this.#stdin, '_handle')), 'writeQueueSize');
    return this.#stdin.writableLength + (typeof queued === 'number' ? queued : 0);
  }

  endInput(): void {
    if (!this.#stdinOpen) return;
    this.#stdinOpen = false;
    this.#stdin.end();
    this.#lateOpeners[0]?.letThrough();
  }

  pauseOutput(): void {
    this.#stdout.pause();
  }

  resumeOutput(): void {
    this.#stdout.resume();
  }

  /** Everything written to the control protocol is in the operator's pipe. */
  get controlWritten(): boolean {
    return this.#control?.written ?? true;
  }

  writeControl(bytes: Buffer, done: () => void): void {
    if (this.#control === undefined) return done();
    this.#control.write(bytes, done);
  }

  /** Closes our ends of stdin and stdout, so that the operator sees what it would see in a shell: end of input, SIGPIPE. */
  letGo(): void {
    this.#stdinOpen = false;
    this.#stdin.destroy();
    this.#stdout.destroy();
    this.#control?.close();
    this.#lateOpeners[0]?.letThrough();
  }

  /** Ends every process group at once. What the operator still prints is of no use to anybody. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#killed = true;
    this.signal(signal);
    // E4
    this.#stdout.resume();
  }

  /** Sends a signal to every process group that is still alive, without taking it for a kill of ours. */
  signal(signal: NodeJS.Signals): void {
    for (const [index, group] of this.groups.entries()) {
      if (this.#exits[index] === undefined || this.#leftBehind.has(group.pid)) signalGroup(group.pid, signal);
    }
  }

  /** `others`: descriptors from 2 on. */
  #startMember(options: StartOptions, member: Member, index: number, pipes: readonly Pipe[], others: readonly number[]): ProcessGroup {
    const input = pipes[index] as Pipe;
    const output = pipes[index + 1] as Pipe;
    const [file = '', ...args] = member.argv;
    const child = this.#execa(file, args, {
      // Any open descriptor can be handed on; execa's types list the first few only.
      stdio: [input.readFd, output.writeFd, ...others] as [3, 3, 3],
      env: options.control === true ? { ...options.env, RAINSTORM_CONTROL: CONTROL_VERSION } : options.env,
      extendEnv: false,
      cwd: options.cwd,
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
    });
    closeSync(input.readFd);
    void child.then((result) => {
      this.#memberExited(index, {
        command: member.shown,
        status: result.exitCode,
        signal: result.signal,
        spawnError: result.exitCode === undefined && result.signal === undefined ? result.originalMessage ?? result.shortMessage : undefined,
        okStatuses: member.okStatuses,
      }, pipes);
    });
    const pid = child.pid ?? 0;
    return { pid, startTime: pid === 0 ? undefined : processStartTime(pid) };
  }

  #memberExited(index: number, exit: MemberExit, pipes: readonly Pipe[]): void {
    this.#exits[index] = { ...exit, collateral: this.#failed && exit.signal === 'SIGKILL' };
    const { pid } = this.groups[index] as ProcessGroup;
    if (signalGroup(pid, 0)) this.#leftBehind.add(pid);
    this.#lateOpeners[index]?.close();
    const isLast = index === this.#exits.length - 1;
    if (isFailure(exit, isLast)) {
      // E2: kill first; only then may the inner pipes close.
      this.#failed = true;
      this.signal('SIGKILL');
    }
    if (!isLast) closeSync((pipes[index + 1] as Pipe).writeFd);
    this.#lateOpeners[index + 1]?.letThrough();
    this.#tellExited();
  }

  #stdoutEnded(): void {
    this.#events.stdoutEnd();
    this.#endClosed();
  }

  #endClosed(): void {
    this.#openEnds -= 1;
    this.#tellExited();
  }

  #tellExited(): void {
    const exits = this.#exits.filter((exit) => exit !== undefined);
    if (this.#openEnds > 0 || exits.length < this.#exits.length) return;
    this.#stdinOpen = false;
    this.#stdin.destroy();
    this.#control?.close();
    // E3
    this.signal('SIGKILL');
    this.#events.exited(exits);
  }

  #stdinFailed(error: Error): void {
    this.#stdinOpen = false;
    if (errnoOf(error) !== 'EPIPE') throw error;
    this.#events.stdinClosed();
  }
}

function reader(fd: number, chunk: (bytes: Buffer) => void, end: () => void): Socket {
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on('data', chunk);
  socket.on('close', end);
  return socket;
}

/** Gives false when no process of the group is left; signal 0 only asks. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (pid <= 1) return false;
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM, as macOS says it of a group in which only zombies are left.
    if (errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EPERM') return false;
    throw error;
  }
}
