/**
 * An operator whose pipes hold bytes, which prints in blocks cut anywhere, and dies when the seed says so. Where it is offered
 * the control protocol it speaks it, byte for byte.
 */
import type { Operator } from '../../src/task/operator.ts';
import type { OperatorProcessEvents } from '../../src/task/operator-process.ts';
import type { MemberExit } from '../../src/task/exit-verdict.ts';
import { frail, makeProgram, type Frailty, type Program, type ProgramKind } from './programs.ts';
import type { Feeding } from './feeding.ts';
import type { SimProcess } from './sim-process.ts';
import { SimControl } from './sim-control.ts';

const STDIN_BYTES = 96;

export interface SimOperatorOptions {
  readonly kind: ProgramKind;
  readonly frailty: Frailty;
  /** The control protocol. */
  readonly speaks: boolean;
  /** Is told all that it is fed. */
  readonly feeding: Feeding;
}

export class SimOperator implements Operator {
  readonly groups = [{ pid: 2, startTime: undefined }];
  readonly #process: SimProcess;
  readonly #feeding: Feeding;
  readonly #events: OperatorProcessEvents;
  readonly #control: SimControl | undefined;
  #program: Program;
  /** It prints only when it has so much, as stdio does. */
  readonly #blockBytes: number;
  #stdin: { bytes: Buffer; done: () => void }[] = [];
  #stdinBytes = 0;
  #partialLine = '';
  #made = '';
  #stdout = Buffer.alloc(0);
  #inputEnded = false;
  #atEnd = false;
  #paused = false;
  #over = false;
  #planned = false;
  /** Of its stdin. */
  #processedBytes = 0;
  #printedBytes = 0;
  killed = false;

  constructor(process: SimProcess, events: OperatorProcessEvents, { kind, frailty, speaks, feeding }: SimOperatorOptions) {
    const mark = String(process.random.below(10_000)).padStart(4, '0');
    const say = (bytes: Buffer) => {
      if (!this.#over) events.control(bytes);
    };
    this.#control = speaks ? new SimControl(process, say, (state) => (this.#program = frail(makeProgram(kind, state, mark), frailty))) : undefined;
    this.#process = process;
    this.#feeding = feeding;
    this.#events = events;
    this.#program = frail(makeProgram(kind, '', mark), frailty);
    this.#blockBytes = [1, 24, 200][process.random.below(3)] as number;
    this.#plan();
  }

  get alive(): boolean {
    return !this.#over && this.#process.alive;
  }

  write(bytes: Buffer, done: () => void): boolean {
    if (!this.#over) this.#feeding.fed(bytes);
    if (this.#over || this.#program.enough) {
      done();
      return true;
    }
    this.#stdin.push({ bytes, done });
    this.#stdinBytes += bytes.length;
    this.#plan();
    return this.#stdinBytes < STDIN_BYTES;
  }

  get pendingBytes(): number {
    return this.#stdinBytes;
  }

  endInput(): void {
    if (!this.#over) this.#feeding.ended();
    this.#inputEnded = true;
    this.#plan();
  }

  pauseOutput(): void {
    this.#paused = true;
  }

  resumeOutput(): void {
    this.#paused = false;
    this.#plan();
  }

  readonly controlWritten = true;

  writeControl(bytes: Buffer, done: () => void): void {
    this.#control?.receive(bytes);
    this.#process.later(done);
    this.#plan();
  }

  letGo(): void {
    this.#exit({ status: undefined, signal: 'SIGPIPE' });
  }

  kill(): void {
    this.killed = true;
    this.#exit({ status: undefined, signal: 'SIGKILL' });
  }

  signal(): void {
    this.#exit({ status: undefined, signal: 'SIGKILL' });
  }

  /** Some of what it had printed may still be read. */
  crash(): void {
    if (this.#process.chance(2) && this.#stdout.length > 0) this.#emit();
    this.#exit({ status: undefined, signal: 'SIGKILL' });
  }

  #plan(): void {
    if (this.#planned || this.#over) return;
    this.#planned = true;
    this.#process.later(() => {
      this.#planned = false;
      if (!this.#over) this.#work();
    });
  }

  #work(): void {
    if (this.#control?.waits === true) return this.#waitForTask();
    const asked = this.#control?.askedAt(this.#processedBytes);
    if (asked !== undefined && !this.#program.enough) return this.#handOut(asked);
    const canRead = this.#stdin.length > 0 && !this.#program.enough;
    const canPrint = this.#stdout.length > 0 && !this.#paused;
    if (canPrint && (!canRead || this.#process.chance(2))) this.#emit();
    else if (canRead) this.#read();
    else if (!this.#atEnd && (this.#program.enough || (this.#inputEnded && this.#stdin.length === 0))) this.#finish();
    else if (this.#atEnd && this.#stdout.length === 0) return this.#exit({ status: 0, signal: undefined });
    else return;
    this.#plan();
  }

  /** It has not been told its state yet, or has handed it out and is not to print before the task says so. */
  #waitForTask(): void {
    if (this.#stdout.length === 0 || this.#paused) return;
    this.#emit();
    this.#plan();
  }

  #handOut(id: number): void {
    this.#flush();
    this.#control?.handOut(id, this.#printedBytes, this.#program.state());
    this.#plan();
  }

  /** Up to the place of which a state was asked for, and no further. */
  #read(): void {
    const [whole] = this.#stdin;
    if (whole === undefined) return;
    const length = Math.min(whole.bytes.length, (this.#control?.nextAsked ?? Infinity) - this.#processedBytes);
    const next = length === whole.bytes.length ? whole : { bytes: whole.bytes.subarray(0, length), done: () => undefined };
    if (next === whole) this.#stdin.shift();
    else this.#stdin[0] = { bytes: whole.bytes.subarray(length), done: whole.done };
    this.#processedBytes += length;
    this.#stdinBytes -= length;
    const lines = (this.#partialLine + next.bytes.toString('latin1')).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#program.enough) continue;
      this.#print(this.#program.line(line));
      if (this.#program.dead === true) break;
    }
    if (this.#program.dead !== true && this.#made.length >= this.#blockBytes) this.#flush();
    next.done();
    if (this.#program.dead === true) return this.#die();
    if (this.#stdinBytes < STDIN_BYTES) this.#events.drain();
  }

  /** With a status it prints first what it had held back; by a signal it does not. */
  #die(): void {
    if (this.#process.chance(2)) return this.#exit({ status: undefined, signal: 'SIGSEGV' });
    this.#flush();
    while (this.#stdout.length > 0) this.#emit();
    this.#exit({ status: 3, signal: undefined });
  }

  #finish(): void {
    this.#atEnd = true;
    this.#print(this.#program.end());
    this.#flush();
    for (const { done } of this.#stdin.splice(0)) done();
  }

  #print(lines: readonly string[]): void {
    for (const line of lines) this.#made += `${line}\n`;
  }

  #flush(): void {
    this.#stdout = Buffer.concat([this.#stdout, Buffer.from(this.#made, 'latin1')]);
    this.#printedBytes += this.#made.length;
    this.#made = '';
  }

  /** Cut anywhere. */
  #emit(): void {
    const length = 1 + this.#process.random.below(this.#stdout.length);
    const chunk = this.#stdout.subarray(0, length);
    this.#stdout = this.#stdout.subarray(length);
    this.#events.stdout(Buffer.from(chunk));
  }

  #exit({ status, signal }: { status: number | undefined; signal: string | undefined }): void {
    if (this.#over) return;
    this.#over = true;
    const exit: MemberExit = { command: 'simulated', status, signal, spawnError: undefined, okStatuses: [0] };
    this.#process.later(() => {
      for (const { done } of this.#stdin.splice(0)) done();
      this.#events.stdoutEnd();
      this.#events.exited([exit]);
    });
  }
}
