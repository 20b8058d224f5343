/** Where an attempt's output goes, and what of it a checkpoint has to remember. */
import type { Block } from '../job/block.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import type { TaskLog } from './local-log.ts';
import type { Router } from './router.ts';

export interface AttemptOutput {
  readonly router: Router;
  /** No more should be fed for now: too much waits to be released. */
  readonly crowded: boolean;
  /** Takes whole tuples. Gives false when no more should come for now. Throws DIVERGED and OPERATOR_FAILED. */
  route(block: Block): boolean;
  /** For a checkpoint behind everything that has come. */
  take(): Pick<Checkpoint, 'output' | 'held'>;
  /** The checkpoint is recorded. */
  release(): void;
}

export interface AttemptOutputOptions {
  readonly router: Router;
  readonly log: TaskLog;
  /** Output tuples that earlier attempts have logged. */
  readonly loggedTuples: number;
}

/** Output that goes out as it comes. */
export class EagerOutput implements AttemptOutput {
  readonly router: Router;
  readonly crowded = false;
  readonly #log: TaskLog;
  readonly #loggedTuples: number;

  constructor({ router, log, loggedTuples }: AttemptOutputOptions) {
    this.router = router;
    this.#log = log;
    this.#loggedTuples = loggedTuples;
  }

  route(block: Block): boolean {
    const { router } = this;
    if (router.tuples >= this.#loggedTuples) this.#log.output(block, router.tuples);
    router.route(block);
    return !router.full;
  }

  take(): Pick<Checkpoint, 'output' | 'held'> {
    return { output: this.router.position, held: [] };
  }

  release(): void {
    // It went out when it came.
  }
}
