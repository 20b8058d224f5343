/** Check 5 for a source that cannot be read again: nobody has what its journal has not, the end included. */
import type { SimDisk } from './sim-disk.ts';

const BLOCK_TYPE = 10;
const END_TYPE = 11;

/** Where a block's record holds the number of its tuples. */
const COUNT_AT = 16;

/** What no worker makes the source's task for when it died before its journal had the end. */
export const NOT_RECORDED = 'the source cannot be read on';

/** Who succeeds the leader that heard so may ask for the same attempt again, which has had its one chance to open the log. */
const HEARD_BEFORE = /^attempt (\d+) may not write to the log simulated 0\.1\.0: attempt \1 has taken it over$/;

/** Of what a source has sent to one consumer. */
export interface Accepted {
  readonly tuples: number;
  readonly ended: boolean;
}

export class ReadOnce {
  readonly #disk: SimDisk;
  readonly #name: string;
  readonly #violated: (what: string) => void;
  #seen = 0;
  #tuples = 0;
  #ended = false;

  /** `name`: of the source's log. */
  constructor(disk: SimDisk, name: string, violated: (what: string) => void) {
    this.#disk = disk;
    this.#name = name;
    this.#violated = violated;
  }

  /** Whether the job may fail so. */
  explains(failure: string): boolean {
    this.#update();
    return !this.#ended && (failure.includes(NOT_RECORDED) || HEARD_BEFORE.test(failure));
  }

  /** `accepted`: by consumers. Where those were rescaled, ends need not be the source's. */
  check(accepted: readonly Accepted[], rescaled: boolean): void {
    this.#update();
    // What a task was about to take may go to one of the next generation in the end.
    const total = accepted.reduce((sum, { tuples }) => (rescaled ? Math.max(sum, tuples) : sum + tuples), 0);
    if (total > this.#tuples) this.#violated(`check 5: consumers have ${total} tuples of a source whose journal has ${this.#tuples}`);
    if (!rescaled && !this.#ended && accepted.some(({ ended }) => ended)) this.#violated('check 5: consumers have the end of a source whose journal has not');
  }

  #update(): void {
    const durable = this.#disk.durableOf(this.#name);
    for (const { type, payload } of this.#disk.recordsOf(this.#name).slice(this.#seen, durable)) {
      if (type === BLOCK_TYPE) this.#tuples += payload.readUInt32LE(COUNT_AT);
      if (type === END_TYPE) this.#ended = true;
    }
    this.#seen = durable;
  }
}
