/**
 * What one copy of an operator prints, from its pipe to whoever takes it as blocks of whole tuples.
 *
 * U1 It is handed on only while it is open, in order; before that it waits in the pipe, or is kept here.
 * U2 Once useless nothing more of it is handed on.
 * U3 A checkpoint's state belongs to exactly as many bytes of output as the operator says: it is handed on with all of them
 *    and nothing behind them.
 */
import { RainstormError } from '../base/errors.ts';
import { BlockSplitter, type BlockSplitterOptions } from '../job/block-splitter.ts';
import type { Block } from '../job/block.ts';
import type { StateAnswer } from './control-channel.ts';

export interface CopyOutputOptions {
  readonly output: BlockSplitterOptions;
  /** How much is kept before it is open; 0: none, it waits in the pipe. */
  readonly keepBytes: number;
  /** Whole tuples. Gives false when no more should come before `resume`. */
  readonly block: (block: Block) => boolean;
  /** U3: everything before the answer was handed on. */
  readonly state: (state: Buffer) => void;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Its methods throw TUPLE_TOO_LONG, UNCLOSED_QUOTE, DIVERGED and OPERATOR_FAILED. */
export class CopyOutput {
  readonly #options: CopyOutputOptions;
  readonly #splitter: BlockSplitter;
  #open = false;
  #paused = false;
  #useless = false;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #handedOnBytes = 0;
  #answer: StateAnswer | undefined;

  constructor(options: CopyOutputOptions) {
    this.#options = options;
    this.#splitter = new BlockSplitter(options.output);
  }

  /** Nothing should be read from the pipe for now. */
  get waits(): boolean {
    return this.#paused || (!this.#open && this.#options.keepBytes === 0);
  }

  /** It is open, and all that has come was handed on. */
  get idle(): boolean {
    return this.#open && !this.#paused && this.#kept.length === 0;
  }

  push(chunk: Buffer): void {
    if (this.#useless) return;
    if (this.idle) return this.#handOnChunk(chunk);
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (this.waits) this.#options.pause();
    else if (this.#keptBytes > this.#options.keepBytes) throw this.#tooMuch();
  }

  /** U1 */
  open(): void {
    this.#open = true;
    this.#handOn();
  }

  /** There is room for it again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#handOn();
  }

  /** U2 */
  forget(): void {
    this.#useless = true;
    this.#kept = [];
  }

  answered(answer: StateAnswer): void {
    this.#answer = answer;
    this.#giveState();
  }

  /** The stream is at its end: a last tuple without newline counts. */
  end(): void {
    const last = this.#useless ? undefined : this.#splitter.end();
    if (last !== undefined) this.#handOnBlock(last);
  }

  /** All that was kept, instead of handing it on, completed by a newline; the stream is at its end. */
  take(): Buffer {
    const blocks = this.#kept.splice(0).map((chunk) => this.#splitter.push(chunk));
    return Buffer.concat([...blocks, this.#splitter.end()].flatMap((block) => (block === undefined ? [] : [block.bytes])));
  }

  #handOn(): void {
    while (!this.#paused) {
      const chunk = this.#kept.shift();
      if (chunk === undefined) break;
      this.#handOnChunk(chunk);
    }
    if (this.idle) this.#options.resume();
  }

  #handOnChunk(chunk: Buffer): void {
    this.#handedOnBytes += chunk.length;
    const block = this.#splitter.push(chunk);
    if (block !== undefined) this.#handOnBlock(block);
    this.#giveState();
  }

  #handOnBlock(block: Block): void {
    if (this.#options.block(block)) return;
    this.#paused = true;
    this.#options.pause();
  }

  #giveState(): void {
    const answer = this.#answer;
    if (answer === undefined || this.#handedOnBytes < answer.outputBytes) return;
    const { where } = this.#options.output;
    if (this.#handedOnBytes > answer.outputBytes || this.#splitter.inTuple) {
      const what = this.#splitter.inTuple ? 'within a tuple' : `less than the ${this.#handedOnBytes} that it has printed`;
      throw new RainstormError('OPERATOR_FAILED', `${where}: the operator handed out its state as of ${answer.outputBytes} bytes of output, which is ${what}`);
    }
    this.#answer = undefined;
    this.#options.state(answer.state);
  }

  #tooMuch(): RainstormError {
    const { output, keepBytes } = this.#options;
    return new RainstormError('OPERATOR_FAILED', `${output.where}: the operator printed more than ${keepBytes} bytes before the end of its input`, {
      hint: 'Under the contract fold that is its state, which is held in memory. With more tasks each has less of it.',
    });
  }
}
