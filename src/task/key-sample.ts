import { MAX_TOLD_KEY_BYTES } from '../base/limits.ts';
import type { Block } from '../job/block.ts';
import { fieldSpan, fieldValue, locateField } from '../job/csv-field.ts';
import { type HeavyHitter, HeavyHitters } from '../job/heavy-hitters.ts';
import { endOf } from '../job/slice-block.ts';

/** Of each block that is routed, which is some hundred tuples where it matters what this costs. */
const MAX_SAMPLES_PER_BLOCK = 8;

/** A key with a 64th of all tuples is found for sure, and one below does not make a task slow. */
const COUNTED_KEYS = 64;

/** So many tuples, a second's work of a fast stage, are remembered better than all before. */
const HALVE_AT_TUPLES = 1_000_000;

/** Keys that are told: one task has few that matter. */
const MAX_TOLD = 5;

/** Fewer than this is no reason for anything, and may be chance where little was sampled. */
const MIN_TOLD_SHARE = 0.05;

/** Which keys a task puts out most, by some tuples of each block. Long ones that begin alike are taken for one. */
export class KeySample {
  readonly #column: number;
  readonly #keys = new HeavyHitters(COUNTED_KEYS, HALVE_AT_TUPLES);
  readonly #span = fieldSpan();
  #blocks = 0;

  /** `column`: 0 where the whole tuple is the key. */
  constructor(column: number) {
    this.#column = column;
  }

  add(block: Block): void {
    const samples = Math.min(block.count, MAX_SAMPLES_PER_BLOCK);
    const step = block.count / samples;
    // Not the same places in each block, which may be cut where the data has its own rhythm.
    const offset = this.#blocks++ % Math.max(1, Math.floor(step));
    for (let sample = 0; sample < samples; sample++) this.#keys.add(this.#keyOf(block, Math.floor(sample * step) + offset), step);
  }

  top(): HeavyHitter[] {
    return this.#keys.top(MAX_TOLD, MIN_TOLD_SHARE);
  }

  #keyOf(block: Block, tuple: number): string {
    const [start, end] = [endOf(block, tuple), endOf(block, tuple + 1)];
    if (this.#column === 0) return block.bytes.toString('latin1', start, Math.min(end - 1, start + MAX_TOLD_KEY_BYTES));
    locateField(block.bytes, start, end, this.#column, this.#span);
    return fieldValue(block.bytes, this.#span).toString('latin1', 0, MAX_TOLD_KEY_BYTES);
  }
}
