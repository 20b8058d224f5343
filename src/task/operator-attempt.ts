/**
 * One start of a stage's operator: what becomes of the output of its copies (copy-line.ts), its checkpoints, and how it ends.
 *
 * A1 It is fed a checkpoint's state, the journal behind it in order, and then what comes; nothing else.
 * A2 What it prints is routed only while no copy is known to have failed.
 * A7 A crash of one copy is a crash of the attempt: all are killed.
 * A8 Who is to hand over is asked for its state, or as a fold cut, at the end of its input, and never goes on behind that.
 */
import { RainstormError } from '../base/errors.ts';
import type { InputPiece } from '../job/file-range.ts';
import type { AttemptOptions, Outcome } from './attempt-options.ts';
import type { AttemptOutput } from './attempt-output.ts';
import type { InputMark } from './checkpoint-record.ts';
import { Copies } from './copies.ts';
import { CopyLine } from './copy-line.ts';
import type { Failure } from './copy-options.ts';
import { makeCopy } from './make-copy.ts';
import type { OperatorCopy } from './operator-copy.ts';
import type { ProcessGroup } from './operator-process.ts';

export class OperatorAttempt {
  readonly number: number;
  /** At the attempt's checkpoint to begin with. */
  readonly outlet: AttemptOutput;
  readonly #options: AttemptOptions;
  readonly #copies: Copies;
  readonly #line: CopyLine;
  /** Of the state that was asked for. */
  #asked: InputMark | undefined;
  /** A8 */
  #handingOver = false;
  #unwanted = false;
  #over = false;
  #lastWords: readonly string[] = [];
  #waiting: (() => void) | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.number = options.number;
    this.outlet = options.outlet;
    this.#copies = new Copies(options.ended);
    this.#line = new CopyLine({
      ...options,
      start: (number) => this.#startCopy(number),
      over: () => this.#over,
      offer: (mark, state) => this.#offer(mark, state),
      complete: (early) => this.#end({ kind: 'complete', early }),
      failed: (error) => this.#failOn(error),
      room: () => this.#room(),
    });
  }

  /** Throws what the operator cannot be started for. */
  start(): Promise<void> {
    return this.#line.start();
  }

  get groups(): readonly ProcessGroup[] {
    return this.#copies.groups;
  }

  get lastWords(): readonly string[] {
    return this.#lastWords.length > 0 ? this.#lastWords : (this.#line.feeding?.copy.lastWords ?? []);
  }

  /** No more should be fed for now. */
  get full(): boolean {
    return !this.#over && (this.#line.full || this.outlet.crowded);
  }

  get over(): boolean {
    return this.#over;
  }

  /** It can be asked for its state, or be cut. */
  get canCheckpoint(): boolean {
    return !this.#over && !this.#unwanted && this.#line.canCheckpoint;
  }

  /** `done` is called when the operator's pipe has the bytes, or they are of no use to it any more. */
  feed(piece: InputPiece, done: () => void): void {
    if (this.#over) return done();
    this.#line.feed(piece, done);
  }

  /** Resolves when feeding may go on, or the attempt is over. */
  async untilRoom(): Promise<void> {
    while (this.full) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  /** Contract `snapshot`: asks for the state behind everything that was fed. */
  ask(mark: InputMark): void {
    this.#asked = mark;
    this.#line.feeding?.copy.askState();
  }

  /** Contracts `restart` and `fold`: a cut is coming, for which the next copy is started. */
  prepareCut(): void {
    this.#line.prepareCut();
  }

  /** Here one copy's input ends and the next one's begins. Gives false where that is none (A4). */
  cut(mark: InputMark): boolean {
    return this.#line.cut(mark);
  }

  /** Successors go on from what it says in a last checkpoint, which is offered soon. Gives false while it cannot be asked for that yet. */
  handOver(mark: InputMark): boolean {
    if (this.#over || this.#handingOver || this.#unwanted || !this.#line.canHandOver) return false;
    this.#handingOver = true;
    if (this.#options.contract === 'fold') this.#line.handOver(mark);
    else this.ask(mark);
    return true;
  }

  /** Its last checkpoint is recorded. */
  complete(): void {
    this.#end({ kind: 'complete', early: false });
  }

  endInput(): void {
    this.#line.endInput();
  }

  /** Consumers have acked something. */
  roomDownstream(): void {
    // What it held back then is for the next attempt to make, which may be under way.
    if (this.#over) return;
    this.outlet.router.flushIdle();
    if (!this.outlet.router.full) this.#line.resume();
  }

  /** A checkpoint of it is recorded. */
  release(): void {
    this.outlet.release();
    this.#room();
  }

  /** Nobody wants its output: its pipes are closed, as in a shell, and how it ends does not matter. */
  letGo(): void {
    this.#unwanted = true;
    this.#copies.letGo({ kind: 'complete', early: !this.#line.inputEnded });
  }

  signal(signal: NodeJS.Signals): void {
    this.#copies.signal(signal);
  }

  /** Ends it at once. `ended` is still called, when its processes are gone. */
  kill(): void {
    this.#end({ kind: 'killed' });
  }

  async #startCopy(number: number): Promise<OperatorCopy> {
    const copy: OperatorCopy = makeCopy(this.#options, number, {
      // A2
      block: (block) => this.#over || this.outlet.route(block),
      room: () => this.#room(),
      state: (state, goOn) => this.#answered(state, goOn),
      failed: (failure) => this.#failed(copy, failure),
      gone: () => this.#gone(copy),
      printed: () => this.#line.printed(copy),
    });
    await this.#copies.start(copy);
    this.#options.started();
    if (this.#unwanted) copy.letGo();
    return copy;
  }

  #answered(state: Buffer, goOn: () => void): void {
    const mark = this.#asked;
    if (mark === undefined || this.#over) return;
    this.#asked = undefined;
    this.#offer(mark, state, goOn);
    this.#room();
  }

  #gone(copy: OperatorCopy): void {
    this.#line.gone(copy);
    this.#copies.gone(copy);
  }

  /** Behind all output that has come. `taken`: the output counts from here. */
  #offer(mark: InputMark, state: Buffer, taken: () => void = () => undefined): void {
    const output = this.outlet.take();
    if (!this.#handingOver) taken();
    this.#options.checkpoint({ ...mark, ...output, state, complete: this.#handingOver });
  }

  /** A7 */
  #failed(copy: OperatorCopy, failure: Failure): void {
    if (this.#line.isDismissed(copy)) return;
    if (!this.#over) this.#lastWords = copy.lastWords;
    this.#end(failure);
  }

  #failOn(error: unknown): void {
    if (!(error instanceof RainstormError)) throw error;
    this.#end({ kind: 'failed', error });
  }

  #end(outcome: Outcome): void {
    this.#over = true;
    this.#copies.end(outcome);
    this.#room();
  }

  #room(): void {
    if (!this.full) this.#waiting?.();
    this.#options.room();
  }
}

