/**
 * The copies of an attempt, one behind the other, and which of them is fed.
 *
 * A3 Where the contract is `restart` or `fold`, a copy is fed from one cut to the next. Output of a copy is routed, and so
 *    numbered, only when the copy before has exited acceptably and its output was routed to its end.
 * A4 A cut behind which nothing was fed is none: that follows from the journal alone.
 * A5 `restart`: a last copy that was fed nothing is killed and ignored, unless it is the only one since the job began.
 * A6 `fold`: nothing is routed before the real end of input. What a copy prints at a cut is fed to the next one first; it is
 *    state, which is not numbered and no tuple of the input.
 */
import type { InputPiece } from '../job/file-range.ts';
import type { AttemptOptions } from './attempt-options.ts';
import type { InputMark } from './checkpoint-record.ts';
import type { FedCopy } from './make-copy.ts';
import { NextCopy } from './next-copy.ts';
import type { OperatorCopy } from './operator-copy.ts';

const NO_STATE = Buffer.alloc(0);

interface CopyLineOptions extends Pick<AttemptOptions, 'number' | 'contract' | 'state' | 'log'> {
  /** Makes and starts a copy; `number`: 1 for the first. Rejects with what it cannot be started for. */
  readonly start: (number: number) => Promise<OperatorCopy>;
  /** The attempt is over: nothing goes on. */
  readonly over: () => boolean;
  /** A copy that was cut is done: a checkpoint, behind all output that has come. */
  readonly offer: (mark: InputMark, state: Buffer) => void;
  /** All output is routed. `early`: a copy had enough before its input ended. */
  readonly complete: (early: boolean) => void;
  readonly failed: (error: unknown) => void;
  /** Another copy is fed. */
  readonly room: () => void;
}

export class CopyLine {
  readonly #options: CopyLineOptions;
  readonly #folds: boolean;
  /** Those whose output has not all been routed, oldest first; the last one is fed. */
  readonly #copies: FedCopy[] = [];
  readonly #next: NextCopy;
  #copyNumber = 0;
  /** The one that is fed has been cut, and the next has not taken over. */
  #cutting = false;
  /** What the copy before has left to the next one (A6). */
  #state: Buffer | undefined;
  /** Some copy before the one that is fed was fed something, in this attempt or before its checkpoint. */
  #hasBefore: boolean;
  /** A5 */
  #dismissed: OperatorCopy | undefined;
  #inputEnded = false;

  constructor(options: CopyLineOptions) {
    this.#options = options;
    this.#folds = options.contract === 'fold';
    this.#next = new NextCopy(() => this.#start(), (copy) => this.#nextReady(copy), options.failed);
    this.#hasBefore = options.state !== undefined;
    this.#state = options.state;
  }

  /** Throws what the operator cannot be started for. */
  async start(): Promise<void> {
    const copy = await this.#start();
    if (!this.#options.over()) this.#feedTo(copy);
  }

  /** The one that is fed. */
  get feeding(): FedCopy | undefined {
    return this.#copies.at(-1);
  }

  /** No more should be fed for now. */
  get full(): boolean {
    const { feeding } = this;
    return feeding === undefined || this.#cutting || feeding.copy.full;
  }

  get inputEnded(): boolean {
    return this.#inputEnded;
  }

  /** The one that is fed can be asked for its state, or be cut. */
  get canCheckpoint(): boolean {
    const { feeding } = this;
    if (feeding === undefined || this.#inputEnded) return false;
    if (this.#options.contract === 'snapshot') return feeding.copy.canAsk;
    return feeding.fedBytes > 0 && !this.#cutting && !feeding.copy.deaf;
  }

  /** A8: the one that is fed can be asked for its state, or be cut for good. */
  get canHandOver(): boolean {
    const { feeding } = this;
    if (feeding === undefined) return false;
    return this.#folds ? !this.#cutting && !feeding.copy.deaf : feeding.copy.canAsk;
  }

  /** A5: how it ends does not matter. */
  isDismissed(copy: OperatorCopy): boolean {
    return copy === this.#dismissed;
  }

  /** As `OperatorAttempt.feed`. */
  feed(piece: InputPiece, done: () => void): void {
    const { feeding } = this;
    if (feeding === undefined) return done();
    feeding.fedBytes += piece.length;
    feeding.copy.feed(piece, done);
  }

  /** A cut is coming, for which the next copy is started. */
  prepareCut(): void {
    if (!this.#options.over()) this.#next.prepare();
  }

  /** Here one copy's input ends and the next one's begins. Gives false where that is none (A4). */
  cut(mark: InputMark): boolean {
    const { feeding } = this;
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

  /** A8, `fold`: the input of the one that is fed ends here, and no other is fed what follows. */
  handOver(mark: InputMark): void {
    const { feeding } = this;
    if (feeding === undefined) return;
    if (feeding.fedBytes === 0 && !feeding.hasState) return this.#options.offer(mark, NO_STATE);
    feeding.mark = mark;
    feeding.copy.endInput();
  }

  endInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    if (!this.#cutting) this.#endFeeding();
  }

  /** Consumers have room for more. */
  resume(): void {
    this.#copies[0]?.copy.resume();
  }

  /** All of a copy's output is routed. */
  printed(copy: OperatorCopy): void {
    const first = this.#copies[0];
    if (this.#options.over() || first?.copy !== copy) return;
    const { mark } = first;
    if (mark === undefined || copy.hadEnough) return this.#options.complete(copy.hadEnough);
    this.#copies.shift();
    this.#guard(() => this.#options.offer(mark, NO_STATE));
    this.#copies[0]?.copy.openOutput();
    if (this.#copies.length === 0 && this.#inputEnded && !this.#cutting) return this.#options.complete(false);
    this.#takeOver();
  }

  /** A copy's processes are gone. */
  gone(copy: OperatorCopy): void {
    if (this.#folds && !this.#options.over()) this.#folded(copy);
  }

  #start(): Promise<OperatorCopy> {
    this.#copyNumber += 1;
    return this.#options.start(this.#copyNumber);
  }

  #nextReady(next: OperatorCopy): void {
    const { over, log, number } = this.#options;
    if (over()) return;
    log.event('CUT', `attempt=${number} copy=${this.#copyNumber} pid=${next.groups.map(({ pid }) => pid).join(',')}`);
    this.#takeOver();
  }

  /** The next copy is fed from here on, once it is there and has what it needs. */
  #takeOver(): void {
    const next = this.#next.copy;
    if (!this.#cutting || next === undefined || this.#options.over() || this.#copies.length > (this.#folds ? 0 : 1)) return;
    this.#next.taken();
    this.#cutting = false;
    this.#hasBefore = true;
    this.#feedTo(next);
    if (this.#inputEnded) this.#endFeeding();
    this.#options.room();
  }

  #feedTo(copy: OperatorCopy): void {
    const state = this.#options.contract === 'snapshot' ? NO_STATE : (this.#state ?? NO_STATE);
    this.#state = undefined;
    this.#copies.push({ copy, fedBytes: 0, mark: undefined, hasState: state.length > 0 });
    if (!this.#folds && this.#copies.length === 1) copy.openOutput();
    // A6
    if (state.length > 0) copy.feed(state, () => undefined);
  }

  #endFeeding(): void {
    const { feeding } = this;
    if (feeding === undefined || this.#options.over()) return;
    // A5
    if (this.#options.contract === 'restart' && feeding.fedBytes === 0 && this.#hasBefore) {
      this.#copies.pop();
      this.#dismissed = feeding.copy;
      feeding.copy.kill();
      if (this.#copies.length === 0) this.#options.complete(false);
      return;
    }
    feeding.copy.endInput();
    if (this.#folds) feeding.copy.openOutput();
  }

  /** A6: a copy has exited acceptably. */
  #folded(copy: OperatorCopy): void {
    const first = this.#copies[0];
    if (first?.copy !== copy) return;
    if (first.mark === undefined || copy.hadEnough) return copy.openOutput();
    const { mark } = first;
    this.#guard(() => {
      this.#state = copy.takeKept();
      this.#copies.shift();
      this.#options.offer(mark, this.#state);
      this.#takeOver();
    });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
