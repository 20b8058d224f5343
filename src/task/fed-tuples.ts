import { invariant } from '../base/errors.ts';
import type { Format } from '../job/stage-spec.ts';
import type { InputJournal, RecordedCheckpoint } from './input-journal.ts';
import { replayable } from './replayable.ts';
import { splitTuples, type SkippedTuples } from './skipped-tuples.ts';

/** Where a tuple lies in a journal. */
export interface FedTuple {
  /** Of the frame that holds it. */
  readonly position: number;
  /** In that frame. */
  readonly index: number;
  readonly producer: number;
  /** In the producer's channel. */
  readonly sequence: number;
  readonly bytes: Buffer;
}

export interface FedTuplesOptions {
  readonly journal: InputJournal;
  readonly format: Format;
  readonly from: RecordedCheckpoint | undefined;
  readonly end: number;
  readonly skipped: SkippedTuples;
}

/** The tuples of a journal's entries from a checkpoint to position `end`, less those that are left out; 0 is the first. Rejects as the journal's `read`. */
export class FedTuples {
  readonly #options: FedTuplesOptions;

  constructor(options: FedTuplesOptions) {
    this.#options = options;
  }

  async count(): Promise<number> {
    const { journal, from, end, skipped } = this.#options;
    let count = 0;
    for await (const { position, entry } of replayable(journal, from, end)) if (entry.kind === 'frame') count += skipped.leave(position, entry).count;
    return count;
  }

  /** `ordinal`: below the count. */
  async at(ordinal: number): Promise<FedTuple> {
    const { journal, format, from, end, skipped } = this.#options;
    let first = 0;
    for await (const { position, entry } of replayable(journal, from, end)) {
      if (entry.kind !== 'frame') continue;
      const left = skipped.leave(position, entry);
      if (ordinal >= first + left.count) {
        first += left.count;
        continue;
      }
      const index = skipped.indexInFrame(position, ordinal - first);
      const bytes = splitTuples(format, left.bytes)[ordinal - first];
      invariant(bytes !== undefined, 'SK1: a tuple lies in the frame that counts it');
      return { position, index, producer: entry.producer, sequence: entry.first + index, bytes };
    }
    throw new Error(`invariant broken: SK1: the journal holds a tuple ${ordinal}`);
  }
}
