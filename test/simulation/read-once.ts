/** What a simulated job's source has in its journal, where what was read cannot be read again: told from the records alone. */
import type { LogWatch, SimLog } from './sim-log.ts';

const BLOCK_TYPE = 10;
const END_TYPE = 11;

/** Where a block's record holds the number of its tuples. */
const COUNT_AT = 16;

export class ReadOnceWatch {
  #tuples = 0;
  #ended = false;

  /** Counts what becomes durable, and leaves the rest to the other. */
  beside(other: LogWatch): LogWatch {
    return {
      recorded: (log, record) => {
        if (record.type === BLOCK_TYPE) this.#tuples += record.payload.readUInt32LE(COUNT_AT);
        if (record.type === END_TYPE) this.#ended = true;
        other.recorded(log, record);
      },
      cut: (log: SimLog, before: number) => other.cut(log, before),
    };
  }

  /** Check 5: nobody has what the journal has not, the end included. `accepted`: the numbers that consumers expect next. */
  check(accepted: readonly number[]): void {
    const durable = this.#tuples + (this.#ended ? accepted.length : 0);
    const total = accepted.reduce((sum, next) => sum + next, 0);
    if (total > durable) throw new Error(`check 5: consumers have ${total} tuples and ends of a source whose journal has ${durable}`);
  }
}
