/**
 * One process, or chain of processes, of an attempt: what is fed to it, what it prints, how it ends.
 *
 * B1 Nothing is handed on that was read after it was killed or has failed.
 * B2 A last line without newline counts only after an acceptable exit.
 */
import { RainstormError } from '../base/errors.ts';
import type { InputPiece } from '../job/file-range.ts';
import { ControlChannel } from './control-channel.ts';
import type { CopyOptions, Failure } from './copy-options.ts';
import { CopyOutput } from './copy-output.ts';
import { describeExit, failureOf, isEarlyFailure, type MemberExit } from './exit-verdict.ts';
import type { Operator } from './operator.ts';
import type { ProcessGroup } from './operator-process.ts';
import { RangeFeed } from './range-feed.ts';
import { StallWatch } from './stall-watch.ts';
import { StderrTail } from './stderr-tail.ts';

export class OperatorCopy {
  readonly #options: CopyOptions;
  readonly #output: CopyOutput;
  readonly #stderr: StderrTail;
  readonly #stall: StallWatch | undefined;
  #control: ControlChannel | undefined;
  #operator: Operator | undefined;
  #full = false;
  #inputOpen = true;
  /** It closed its stdin: what was left of its input it never saw, even where that has ended meanwhile. */
  #closedInput = false;
  #unwanted = false;
  #fedBytes = 0;
  readonly #ranges: RangeFeed;
  /** Its input ends when it has handled all ranges. */
  #ending = false;
  #failure: Failure | undefined;
  #exited = false;
  /** By the task itself, not by a fault. */
  #dismissed = false;
  #printedTold = false;

  constructor(options: CopyOptions) {
    this.#options = options;
    this.#stderr = new StderrTail((line) => options.log.stderr(Buffer.from(line)));
    this.#output = new CopyOutput({
      output: options.output,
      keepBytes: options.keepBytes,
      block: (block) => options.events.block(block),
      state: (state) => options.events.state(state, () => {
        if (!this.#exited) this.#control?.goOn();
      }),
      pause: () => {
        this.#operator?.pauseOutput();
        this.#stall?.look();
      },
      resume: () => {
        this.#operator?.resumeOutput();
        this.#stall?.look();
      },
    });
    this.#ranges = new RangeFeed({
      tell: (piece, atBytes) => this.#control?.tellRange(piece, atBytes) ?? false,
      write: (bytes, done) => this.#write(bytes, done),
      room: () => this.#rangesMoved(),
      failed: (error) => this.#guard(() => {
        throw error;
      }),
      now: () => performance.now(),
    });
    if (options.stall !== undefined) this.#stall = new StallWatch(options.stall, { hasToMove: () => this.#hasToMove, pendingBytes: () => this.#pendingBytes });
  }

  /** Throws what the operator cannot be started for. */
  async start(): Promise<void> {
    this.#operator = await this.#options.start({
      stdout: (chunk) => this.#printedChunk(chunk),
      stdoutEnd: () => undefined,
      stderr: (chunk) => {
        this.#stall?.moved();
        this.#stderr.push(chunk);
      },
      control: (chunk) => {
        this.#stall?.moved();
        this.#guard(() => this.#control?.push(chunk));
      },
      drain: () => this.#drained(),
      stdinClosed: () => this.#stdinClosed(),
      exited: (exits) => void this.#ended(exits),
    });
    if (this.#output.waits) this.#operator.pauseOutput();
    this.#openControl(this.#operator);
  }

  get groups(): readonly ProcessGroup[] {
    return this.#exited ? [] : (this.#operator?.groups ?? []);
  }

  get lastWords(): readonly string[] {
    return this.#stderr.last;
  }

  /** No more should be fed for now. */
  get full(): boolean {
    if (this.#full || this.#ranges.full || this.#operator === undefined) return true;
    // What is said must not be overtaken by what is written to stdin, of which there is none behind a range that is told.
    return !this.#operator.controlWritten && !this.#ranges.telling;
  }

  /** It wants no more input, or is gone. */
  get deaf(): boolean {
    return this.#closedInput || this.#exited || this.#failure !== undefined;
  }

  /** It ended, or closed its stdin, before its input ended. */
  get hadEnough(): boolean {
    return this.#closedInput || (this.#exited && this.#inputOpen);
  }

  /** It may be asked for its state. */
  get canAsk(): boolean {
    return this.#control?.canAsk === true && this.#inputOpen && !this.#ending && !this.deaf;
  }

  /** `done` is called when the operator's pipe has the bytes, or it has handled what it read itself, or they are of no use to it any more. */
  feed(piece: InputPiece, done: () => void): void {
    if (this.deaf || this.#operator === undefined) return done();
    const atBytes = this.#fedBytes;
    this.#fedBytes += piece.length;
    if (Buffer.isBuffer(piece)) this.#write(piece, done);
    else this.#guard(() => this.#ranges.feed(piece, atBytes, done));
    this.#stall?.look();
  }

  /** Asks for its state behind everything that it was fed. */
  askState(): void {
    this.#control?.ask(this.#fedBytes);
  }

  endInput(): void {
    if (!this.#inputOpen || this.#exited) return;
    this.#ending = true;
    if (this.#ranges.aheadBytes === 0) this.#endInput();
  }

  /** From now on what it prints is handed on, and what it has printed. */
  openOutput(): void {
    this.#guard(() => this.#output.open());
    this.#tellIfPrinted();
  }

  /** There is room for its output again. */
  resume(): void {
    this.#guard(() => this.#output.resume());
    this.#tellIfPrinted();
  }

  /** What it printed, instead of handing it on; to be asked for when it has exited acceptably. Throws UNCLOSED_QUOTE and TUPLE_TOO_LONG. */
  takeKept(): Buffer {
    return this.#output.take();
  }

  /** Nobody wants its output: its pipes are closed, as in a shell, and how it ends does not matter. */
  letGo(): void {
    this.#unwanted = true;
    this.#closedInput = true;
    this.#output.forget();
    this.#ranges.end();
    this.#operator?.letGo();
    this.#drained();
  }

  signal(signal: NodeJS.Signals): void {
    this.#operator?.signal(signal);
  }

  /** Ends it at once. `gone` is still called, once it was started. */
  kill(): void {
    this.#dismissed = true;
    this.#output.forget();
    this.#ranges.end();
    this.#operator?.kill();
    this.#drained();
  }

  #endInput(): void {
    this.#guard(() => this.#ranges.check());
    if (this.#failure !== undefined) return;
    this.#inputOpen = false;
    this.#operator?.endInput();
    this.#stall?.look();
  }

  #rangesMoved(): void {
    this.#stall?.moved();
    if (this.#ending && this.#inputOpen && this.#ranges.aheadBytes === 0 && !this.deaf) this.#endInput();
    this.#options.events.room();
  }

  #write(bytes: Buffer, done: () => void): void {
    if (this.deaf || this.#operator === undefined) return done();
    this.#full = !this.#operator.write(bytes, this.#stall === undefined ? done : () => this.#took(done));
    this.#stall?.look();
  }

  /** Input that waits for the operator. */
  get #pendingBytes(): number {
    return this.#ranges.aheadBytes + (this.#operator?.pendingBytes ?? 0);
  }

  #openControl(operator: Operator): void {
    const { control, events, output } = this.#options;
    if (control === undefined) return;
    this.#control = new ControlChannel((bytes) => operator.writeControl(bytes, () => events.room()), {
      hello: () => events.room(),
      state: (answer) => this.#output.answered(answer),
      handled: (bytes) => this.#ranges.handled(bytes),
    }, output.where);
    this.#control.open(control.state);
  }

  #stdinClosed(): void {
    this.#options.log.event('NOTE', 'the operator closed its stdin; the rest of its input is dropped');
    this.#closedInput = true;
    this.#ranges.end();
    this.#drained();
  }

  /** It has something to do, and nobody keeps it from doing that. */
  get #hasToMove(): boolean {
    const operator = this.#operator;
    if (operator === undefined || operator.killed || this.deaf || this.#unwanted || this.#output.waits) return false;
    return !this.#inputOpen || this.#pendingBytes > 0;
  }

  #took(done: () => void): void {
    this.#stall?.moved();
    this.#stall?.look();
    done();
  }

  #drained(): void {
    this.#full = false;
    this.#options.events.room();
  }

  /** B1 */
  #printedChunk(chunk: Buffer): void {
    this.#stall?.moved();
    if (this.#failure === undefined && this.#operator?.killed !== true) this.#guard(() => this.#output.push(chunk));
  }

  async #ended(exits: readonly MemberExit[]): Promise<void> {
    await this.#stderr.end();
    const { log, name, events } = this.#options;
    log.event('EXIT', `${name} ${exits.map(describeExit).join('; ')}${this.#dismissed ? ', ended by its task' : ''}`);
    this.#exited = true;
    this.#full = false;
    this.#ranges.end();
    this.#stall?.end();
    if (!this.#unwanted) this.#failure ??= this.#failureOf(exits);
    if (this.#failure !== undefined) events.failed(this.#failure);
    events.gone();
    this.#tellIfPrinted();
    events.room();
  }

  #failureOf(exits: readonly MemberExit[]): Failure | undefined {
    const early = this.hadEnough;
    const exit = failureOf(exits) ?? (early ? isEarlyFailure(exits) : undefined);
    return exit === undefined ? undefined : { kind: 'crashed', exit, early };
  }

  /** B2 */
  #tellIfPrinted(): void {
    if (this.#printedTold || !this.#exited || this.#failure !== undefined || !(this.#output.idle || this.#unwanted)) return;
    this.#printedTold = true;
    this.#guard(() => this.#output.end());
    if (this.#failure === undefined) this.#options.events.printed();
  }

  /** Data errors end the copy for good; anything else is a bug and ends the worker. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      if (this.#failure !== undefined) return;
      this.#failure = { kind: 'failed', error };
      if (this.#exited) this.#options.events.failed(this.#failure);
      else this.kill();
    }
  }
}
