import { RecordScanner } from '../job/record-scanner.ts';
import type { Format } from '../job/stage-spec.ts';
import { totalsBehind, type Skip, type SkippedTotals } from './skip.ts';

/** Tuples of one frame, each as it came. */
export interface Tuples {
  readonly bytes: Buffer;
  readonly count: number;
}

/** What is left out of the frames of a task's journal. */
export class SkippedTuples {
  readonly #format: Format;
  /** Indices by the frame's position. */
  readonly #indices = new Map<number, Set<number>>();
  #totals: SkippedTotals;

  /** `skips`: those of frames that may be fed again. `totals`: of all. */
  constructor(format: Format, skips: readonly Skip[], totals: SkippedTotals) {
    this.#format = format;
    for (const skip of skips) this.add(skip);
    this.#totals = totals;
  }

  get totals(): SkippedTotals {
    return this.#totals;
  }

  add(skip: Skip): void {
    const { position, index } = skip;
    this.#indices.set(position, (this.#indices.get(position) ?? new Set()).add(index));
    this.#totals = totalsBehind(skip);
  }

  /** What is to be fed of the frame at a position of the journal; perhaps nothing. */
  leave(position: number, frame: Tuples): Tuples {
    const skipped = this.#indices.get(position);
    if (skipped === undefined) return frame;
    const kept = splitTuples(this.#format, frame.bytes).filter((_, index) => !skipped.has(index));
    return { bytes: Buffer.concat(kept), count: kept.length };
  }

  /** The index in its frame of the tuple that is at `index` of what is left of that. */
  indexInFrame(position: number, index: number): number {
    let at = index;
    for (const skipped of [...this.#indices.get(position) ?? []].toSorted((a, b) => a - b)) if (skipped <= at) at += 1;
    return at;
  }
}

/** Views of each tuple of a frame, its newline included. */
export function splitTuples(format: Format, bytes: Buffer): Buffer[] {
  const scanner = new RecordScanner(format);
  scanner.scan(bytes);
  const { ends } = scanner;
  return Array.from(ends, (end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
