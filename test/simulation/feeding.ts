/** What one copy of an operator is fed, held against what its task's journal durably holds at that moment. */
import type { Contract } from '../../src/job/contract.ts';
import { FIRST_GENERATION, taskId, type TaskRef } from '../../src/job/task-id.ts';
import type { Producers } from '../../src/task/input-order.ts';
import type { DurableInput } from './durable-input.ts';
import type { StageShape } from './shape.ts';

export class Feeding {
  readonly #task: string;
  readonly #contract: Contract;
  readonly #frail: boolean;
  readonly #producers: () => Producers;
  /** It is fed what the tasks before its generation were not, first of all. */
  readonly #inherits: boolean;
  readonly #input: DurableInput;
  readonly #violated: (what: string) => void;
  /** Where in the journal it may have begun. Undefined before it was fed anything. */
  #starts: number[] | undefined;
  #fedBytes = 0;

  constructor(task: TaskRef, { contract, frailty }: StageShape, producers: () => Producers, input: DurableInput, violated: (what: string) => void) {
    this.#task = taskId(task);
    this.#inherits = contract === 'replay' && task.generation > FIRST_GENERATION;
    this.#contract = contract;
    this.#frail = frailty !== 'none';
    this.#producers = producers;
    this.#input = input;
    this.#violated = violated;
  }

  /** Checks 5 and 6: what it is fed is durable and follows in the journal; so whatever it prints does. */
  fed(bytes: Buffer): void {
    // A fold is fed what a copy before has printed as well, which is no input; one that dies of certain tuples, less each time,
    // and in trials what is in no order.
    if (this.#contract === 'fold' || this.#frail || this.#inherits) return;
    const journal = this.#input.bytes;
    const at = this.#fedBytes;
    this.#fedBytes += bytes.length;
    this.#starts = (this.#starts ?? [...this.#input.starts]).filter((start) => journal.subarray(start + at, start + at + bytes.length).equals(bytes));
    if (this.#starts.length > 0) return;
    this.#violated(`check ${journal.includes(bytes) ? 6 : 5}: an operator of task ${this.#task} is fed ${bytes.length} bytes that do not follow in its durable journal`);
  }

  /** Check 11: the end of input that it sees is the real one, all before it was fed; or a recorded cut. */
  ended(): void {
    const input = this.#input;
    if (this.#frail) return;
    // What comes when it had enough is dropped.
    if (input.finished) return;
    const starts = this.#starts ?? [...input.starts];
    const producers = this.#producers();
    const isDrained = this.#contract === 'restart' && input.superseded && producers.numbers.every((producer) => input.hasEnded(producer));
    const isReal = (input.isOver(producers) || isDrained) && (this.#contract === 'fold' || this.#inherits || starts.some((start) => start + this.#fedBytes === input.bytes.length));
    // A fold that hands over prints its state at the end of its input.
    if (this.#contract === 'fold' && input.superseded) return;
    const mayBeCut = this.#contract === 'restart' || this.#contract === 'fold';
    const isCut = mayBeCut && (this.#contract === 'fold' ? input.cuts.size > 0 : starts.some((start) => input.cuts.has(start + this.#fedBytes)));
    if (!isReal && !isCut) this.#violated(`check 11: an operator of task ${this.#task} sees the end of its input before it came`);
  }
}
