/**
 * One start of a stage's operator: the copies of it that are fed one after the other, and what becomes of their output.
 *
 * A1 It is fed a checkpoint's state, the journal behind it in order, and then what comes; nothing else.
 * A2 What it prints is routed only while no copy is known to have failed.
 * A3 Where its contract is `restart` or `fold`, a copy is fed from one cut to the next. Output of a copy is routed, and so
 *    numbered, only when the copy before has exited acceptably and its output was routed to its end.
 * A4 A cut behind which nothing was fed is none: that follows from the journal alone.
 * A5 `restart`: a last copy that was fed nothing is killed and ignored, unless it is the only one since the job began.
 * A6 `fold`: nothing is routed before the real end of input. What a copy prints at a cut is fed to the next one first; it is
 *    state, which is not numbered and no tuple of the input.
 * A8 Who is to hand over is asked for its state, or as a fold cut, at the end of its input, and never goes on behind that.
 * A7 A crash of one copy is a crash of the attempt: all are killed.
 */
import { RainstormError } from '../base/errors.ts';
import type { InputPiece } from '../job/file-range.ts';
import type { AttemptOptions, Outcome } from './attempt-options.ts';
import type { AttemptOutput } from './attempt-output.ts';
import type { InputMark } from './checkpoint-record.ts';
import { Copies } from './copies.ts';
import type { Failure } from './copy-options.ts';
import { makeCopy, type FedCopy } from './make-copy.ts';
import { NextCopy } from './next-copy.ts';
import type { OperatorCopy } from './operator-copy.ts';
import type { ProcessGroup } from './operator-process.ts';

const NO_STATE = Buffer.alloc(0);

export class OperatorAttempt {
  readonly number: number;
  /** At the attempt's checkpoint to begin with. */
  readonly outlet: AttemptOutput;
  readonly #options: AttemptOptions;
  /** Those whose output has not all been routed, oldest first; the last one is fed. */
  readonly #line: FedCopy[] = [];
  readonly #copies: Copies;
  readonly #next: NextCopy;
  #copyNumber = 0;
  /** The one that is fed has been cut, and the next has not taken over. */
  #cutting = false;
  /** What the copy before has left to the next one (A6). */
  #state: Buffer | undefined;
  /** Some copy before the one that is fed was fed something, in this attempt or before its checkpoint. */
  #hasBefore: boolean;
  readonly #folds: boolean;
  /** Of the state that was asked for. */
  #asked: InputMark | undefined;
  /** A5 */
  #dismissed: OperatorCopy | undefined;
  #inputEnded = false;
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
    this.#folds = options.contract === 'fold';
    this.#copies = new Copies(options.ended);
    this.#next = new NextCopy(() => this.#startCopy(), (copy) => this.#nextReady(copy), (error) => this.#failOn(error));
    this.#hasBefore = options.state !== undefined;
    this.#state = options.state;
  }

  /** Throws what the operator cannot be started for. */
  async start(): Promise<void> {
    const copy = await this.#startCopy();
    if (!this.#over) this.#feedTo(copy);
  }

  get groups(): readonly ProcessGroup[] {
    return this.#copies.groups;
  }

  get lastWords(): readonly string[] {
    return this.#lastWords.length > 0 ? this.#lastWords : (this.#line.at(-1)?.copy.lastWords ?? []);
  }

  /** No more should be fed for now. */
  get full(): boolean {
    const feeding = this.#line.at(-1);
    return !this.#over && (feeding === undefined || this.#cutting || feeding.copy.full || this.outlet.crowded);
  }

  get over(): boolean {
    return this.#over;
  }

  /** It can be asked for its state, or be cut. */
  get canCheckpoint(): boolean {
    const feeding = this.#line.at(-1);
    if (feeding === undefined || this.#over || this.#inputEnded || this.#unwanted) return false;
    if (this.#options.contract === 'snapshot') return feeding.copy.canAsk;
    return feeding.fedBytes > 0 && !this.#cutting && !feeding.copy.deaf;
  }

  /** `done` is called when the operator's pipe has the bytes, or they are of no use to it any more. */
  feed(piece: InputPiece, done: () => void): void {
    const feeding = this.#line.at(-1);
    if (feeding === undefined || this.#over) return done();
    feeding.fedBytes += piece.length;
    feeding.copy.feed(piece, done);
  }

  /** Resolves when feeding may go on, or the attempt is over. */
  async untilRoom(): Promise<void> {
    while (this.full) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  /** Contract `snapshot`: asks for the state behind everything that was fed. */
  ask(mark: InputMark): void {
    this.#asked = mark;
    this.#line.at(-1)?.copy.askState();
  }

  /** Contracts `restart` and `fold`: a cut is coming, for which the next copy is started. */
  prepareCut(): void {
    if (!this.#over) this.#next.prepare();
  }

  /** Here one copy's input ends and the next one's begins. Gives false where that is none (A4). */
  cut(mark: InputMark): boolean {
    const feeding = this.#line.at(-1);
    if (feeding === undefined || feeding.fedBytes === 0) return false;
    // It has had enough, and with it the whole attempt.
    if (feeding.copy.deaf && feeding.copy.hadEnough) return false;
    feeding.mark = mark;
    this.#cutting = true;
    feeding.copy.endInput();
    this.prepareCut();
    this.#takeOver();
    return true;
  }

  /** Successors go on from what it says in a last checkpoint, which is offered soon. Gives false while it cannot be asked for that yet. */
  handOver(mark: InputMark): boolean {
    const feeding = this.#line.at(-1);
    if (feeding === undefined || this.#over || this.#handingOver || this.#unwanted) return false;
    const isFold = this.#folds;
    if (isFold ? this.#cutting || feeding.copy.deaf : !feeding.copy.canAsk) return false;
    this.#handingOver = true;
    if (!isFold) this.ask(mark);
    else if (feeding.fedBytes === 0 && !feeding.hasState) this.#offer(mark, NO_STATE);
    else {
      feeding.mark = mark;
      feeding.copy.endInput();
    }
    return true;
  }

  /** Its last checkpoint is recorded. */
  complete(): void {
    this.#end({ kind: 'complete', early: false });
  }

  endInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    if (!this.#cutting) this.#endFeeding();
  }

  /** Consumers have acked something. */
  roomDownstream(): void {
    // What it held back then is for the next attempt to make, which may be under way.
    if (this.#over) return;
    this.outlet.router.flushIdle();
    if (!this.outlet.router.full) this.#line[0]?.copy.resume();
  }

  /** A checkpoint of it is recorded. */
  release(): void {
    this.outlet.release();
    this.#room();
  }

  /** Nobody wants its output: its pipes are closed, as in a shell, and how it ends does not matter. */
  letGo(): void {
    this.#unwanted = true;
    this.#copies.letGo({ kind: 'complete', early: !this.#inputEnded });
  }

  signal(signal: NodeJS.Signals): void {
    this.#copies.signal(signal);
  }

  /** Ends it at once. `ended` is still called, when its processes are gone. */
  kill(): void {
    this.#end({ kind: 'killed' });
  }

  async #startCopy(): Promise<OperatorCopy> {
    this.#copyNumber += 1;
    const copy: OperatorCopy = makeCopy(this.#options, this.#copyNumber, {
      // A2
      block: (block) => this.#over || this.outlet.route(block),
      room: () => this.#room(),
      state: (state, goOn) => this.#answered(state, goOn),
      failed: (failure) => this.#failed(copy, failure),
      gone: () => this.#gone(copy),
      printed: () => this.#printed(copy),
    });
    await this.#copies.start(copy);
    this.#options.started();
    if (this.#unwanted) copy.letGo();
    return copy;
  }

  #nextReady(next: OperatorCopy): void {
    if (this.#over) return;
    this.#options.log.event('CUT', `attempt=${this.number} copy=${this.#copyNumber} pid=${next.groups.map(({ pid }) => pid).join(',')}`);
    this.#takeOver();
  }

  /** The next copy is fed from here on, once it is there and has what it needs. */
  #takeOver(): void {
    const next = this.#next.copy;
    if (!this.#cutting || this.#handingOver || next === undefined || this.#over || this.#line.length > (this.#folds ? 0 : 1)) return;
    this.#next.taken();
    this.#cutting = false;
    this.#hasBefore = true;
    this.#feedTo(next);
    if (this.#inputEnded) this.#endFeeding();
    this.#room();
  }

  #feedTo(copy: OperatorCopy): void {
    const state = this.#options.contract === 'snapshot' ? NO_STATE : (this.#state ?? NO_STATE);
    this.#state = undefined;
    this.#line.push({ copy, fedBytes: 0, mark: undefined, hasState: state.length > 0 });
    if (!this.#folds && this.#line.length === 1) copy.openOutput();
    // A6
    if (state.length > 0) copy.feed(state, () => undefined);
  }

  #endFeeding(): void {
    const feeding = this.#line.at(-1);
    if (feeding === undefined || this.#over) return;
    // A5
    if (this.#options.contract === 'restart' && feeding.fedBytes === 0 && this.#hasBefore) {
      this.#line.pop();
      this.#dismissed = feeding.copy;
      feeding.copy.kill();
      if (this.#line.length === 0) this.#end({ kind: 'complete', early: false });
      return;
    }
    feeding.copy.endInput();
    if (this.#folds) feeding.copy.openOutput();
  }

  #answered(state: Buffer, goOn: () => void): void {
    const mark = this.#asked;
    if (mark === undefined || this.#over) return;
    this.#asked = undefined;
    this.#offer(mark, state, goOn);
    this.#room();
  }

  /** All of a copy's output is routed. */
  #printed(copy: OperatorCopy): void {
    const first = this.#line[0];
    if (this.#over || first?.copy !== copy) return;
    const { mark } = first;
    if (mark === undefined || copy.hadEnough) return this.#end({ kind: 'complete', early: copy.hadEnough });
    this.#line.shift();
    this.#guard(() => this.#offer(mark, NO_STATE));
    this.#line[0]?.copy.openOutput();
    if (this.#line.length === 0 && this.#inputEnded && !this.#cutting) return this.#end({ kind: 'complete', early: false });
    this.#takeOver();
  }

  #gone(copy: OperatorCopy): void {
    if (this.#folds && !this.#over) this.#folded(copy);
    this.#copies.gone(copy);
  }

  /** A6: a copy has exited acceptably. */
  #folded(copy: OperatorCopy): void {
    const first = this.#line[0];
    if (first?.copy !== copy) return;
    if (first.mark === undefined || copy.hadEnough) return copy.openOutput();
    const { mark } = first;
    this.#guard(() => {
      this.#state = copy.takeKept();
      this.#line.shift();
      this.#offer(mark, this.#state);
      this.#takeOver();
    });
  }

  /** Behind all output that has come. `taken`: the output counts from here. */
  #offer(mark: InputMark, state: Buffer, taken: () => void = () => undefined): void {
    const output = this.outlet.take();
    if (!this.#handingOver) taken();
    this.#options.checkpoint({ ...mark, ...output, state, complete: this.#handingOver });
  }

  /** A7 */
  #failed(copy: OperatorCopy, failure: Failure): void {
    if (copy === this.#dismissed) return;
    if (!this.#over) this.#lastWords = copy.lastWords;
    this.#end(failure);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failOn(error);
    }
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

