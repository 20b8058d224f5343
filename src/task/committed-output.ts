/**
 * Output of a program that may print something else the next time: it is held until a checkpoint has it.
 *
 * CO1 Nothing is routed that does not lie in a durable record, together with the state and the place in the input that it
 *     came with: who begins there makes nothing of it again, and nobody has seen what came after it.
 * CO2 What a record holds is routed again from there after a crash, and by its digest is the same.
 * CO3 The next record follows when all of the one before is acked (X1): until then that one still holds it.
 */
import { RainstormError } from '../base/errors.ts';
import type { Block } from '../job/block.ts';
import { BlockSplitter, type BlockSplitterOptions } from '../job/block-splitter.ts';
import { EagerOutput, type AttemptOutput, type AttemptOutputOptions } from './attempt-output.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import type { Router } from './router.ts';

/** More of it is not worth waiting for: a checkpoint is asked for at once. */
export const HELD_BYTES = 8 * 1024 * 1024;

/** It is held in memory and must fit into one record of a journal, beside a state. */
const MAX_HELD_BYTES = 512 * 1024 * 1024;

export interface CommittedOutputOptions extends AttemptOutputOptions {
  readonly tuples: BlockSplitterOptions;
  /** So much is held that a checkpoint should be made. */
  readonly muchHeld: () => void;
}

export class CommittedOutput implements AttemptOutput {
  readonly router: Router;
  readonly #options: CommittedOutputOptions;
  readonly #released: EagerOutput;
  #held: Block[] = [];
  #heldBytes = 0;
  /** In a checkpoint that is not recorded yet. */
  #taken: Block[] = [];

  /** `recorded`: what the checkpoint holds that the attempt begins at (CO2). Throws DIVERGED. */
  constructor(options: CommittedOutputOptions, recorded: readonly Buffer[]) {
    this.router = options.router;
    this.#options = options;
    this.#released = new EagerOutput(options);
    const splitter = new BlockSplitter(options.tuples);
    this.#taken = [...recorded.map((bytes) => splitter.push(bytes)), splitter.end()].filter((block) => block !== undefined);
    this.release();
  }

  /** A checkpoint is under way, and meanwhile as much has come again as is worth one. */
  get crowded(): boolean {
    return this.#taken.length > 0 && this.#heldBytes >= HELD_BYTES;
  }

  /** Its pipe is always read: what was asked of the operator it answers only when it has printed what was before. */
  route(block: Block): boolean {
    const before = this.#heldBytes;
    this.#held.push(block);
    this.#heldBytes += block.bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) throw this.#tooMuch();
    if (before < HELD_BYTES && this.#heldBytes >= HELD_BYTES) this.#options.muchHeld();
    return true;
  }

  /** What an earlier checkpoint took that came to nothing is in this one. */
  take(): Pick<Checkpoint, 'output' | 'held'> {
    this.#taken = [...this.#taken, ...this.#held.splice(0)];
    this.#heldBytes = 0;
    // One piece: a program that writes each line by itself makes a great many.
    return { output: this.router.position, held: [Buffer.concat(this.#taken.map(({ bytes }) => bytes))] };
  }

  /** CO1 */
  release(): void {
    for (const block of this.#taken.splice(0)) this.#released.route(block);
    this.router.flush();
  }

  #tooMuch(): RainstormError {
    return new RainstormError('OPERATOR_FAILED', `${this.#options.tuples.where}: the operator printed more than ${MAX_HELD_BYTES} bytes for which no checkpoint could be made`, {
      hint: 'With release: committed they are held in memory until there is one. Under the contract snapshot the program must hand out its state when it is asked for it.',
    });
  }
}
