import type { OperatorCopy } from './operator-copy.ts';

/** The copy that is to take over at the next cut, started ahead of it so that there is no gap. */
export class NextCopy {
  readonly #start: () => Promise<OperatorCopy>;
  readonly #ready: (copy: OperatorCopy) => void;
  readonly #failed: (error: unknown) => void;
  #copy: OperatorCopy | undefined;
  #starting = false;

  constructor(start: () => Promise<OperatorCopy>, ready: (copy: OperatorCopy) => void, failed: (error: unknown) => void) {
    this.#start = start;
    this.#ready = ready;
    this.#failed = failed;
  }

  /** Undefined as long as it is not there. */
  get copy(): OperatorCopy | undefined {
    return this.#copy;
  }

  /** Starts it, unless that was done already. */
  prepare(): void {
    if (this.#starting || this.#copy !== undefined) return;
    this.#starting = true;
    this.#start().then((copy) => {
      this.#starting = false;
      this.#copy = copy;
      this.#ready(copy);
    }).catch(this.#failed);
  }

  /** It has taken over. */
  taken(): void {
    this.#copy = undefined;
  }
}
