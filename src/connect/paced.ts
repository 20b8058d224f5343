import type { Clock } from '../base/clock.ts';
import type { Block } from '../job/block.ts';
import { countNewlines } from '../job/count-newlines.ts';
import { RateSchedule, type RateStep } from '../job/rate-schedule.ts';
import { endOf, sliceBlock } from '../job/slice-block.ts';
import type { Source, SourcePosition, SourceProgress } from './source.ts';

/** Pieces this long make the output look smooth to a person and to the rates taken each second, at 20 waits a second. */
const PIECE_MS = 50;

/** After a stall of the pipeline no more than this is caught up at once; a longer burst would be a load nobody asked for. */
const MAX_BURST_MS = 1000;

/** Waits are cut to this, so that a rate of one tuple a month stays within what a timer takes. */
const MAX_WAIT_MS = 60_000;

/**
 * Hands on at most so many tuples a second, evenly, by a schedule that begins when the first one is there.
 *
 * When a piece is due is counted from the start and not from the piece before, so that late timers do not add up. A stall
 * leaves tuples of the schedule out, and does not delay it: a step begins at its time whatever happened before.
 */
export class PacedSource implements Source {
  readonly #source: Source;
  readonly #schedule: RateSchedule;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #block: Block | undefined;
  /** Tuples of `#block` handed on. */
  #taken = 0;
  /** When the schedule began; undefined before the first read. */
  #startMs: number | undefined;
  /** In the schedule: tuples handed on since then, and those that stalls have left out. */
  #next = 0;

  /** `rate`: as `isRateSchedule` says. */
  constructor(source: Source, rate: readonly RateStep[], clock: Clock) {
    this.#source = source;
    this.#schedule = new RateSchedule(rate);
    this.#clock = clock;
  }

  async read(hurry = false): Promise<Block | undefined> {
    if (this.#block === undefined) {
      this.#block = await this.#source.read();
      this.#taken = 0;
    }
    const block = this.#block;
    if (block === undefined) return undefined;
    if (!hurry && !(await this.#waitUntilDue())) return undefined;
    const piece = this.#take(block);
    // What is handed on in a hurry stands in no schedule. A piece at a time, as behind it may be what was never read.
    if (!hurry) this.#next += piece.count;
    return piece;
  }

  /** Of what was handed on; the source itself is a block ahead. */
  position(): SourcePosition | undefined {
    const ahead = this.#source.position();
    if (ahead === undefined || this.#block === undefined) return ahead;
    const rest = this.#block.bytes.subarray(endOf(this.#block, this.#taken));
    return { ...ahead, offsetBytes: ahead.offsetBytes - rest.length, line: ahead.line - countNewlines(rest) };
  }

  /** The next piece of it. */
  #take(block: Block): Block {
    const to = Math.min(block.count, this.#taken + this.#schedule.dueTogether(this.#next, PIECE_MS));
    const piece = sliceBlock(block, this.#taken, to);
    this.#taken = to;
    if (to === block.count) this.#block = undefined;
    return piece;
  }

  progress(): SourceProgress {
    return this.#source.progress();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#source.close();
  }

  /** False when the source was closed meanwhile. */
  async #waitUntilDue(): Promise<boolean> {
    const { signal } = this.#closing;
    this.#startMs ??= this.#clock.now();
    for (;;) {
      const now = this.#clock.now();
      // First: what is next after a stall may have to wait for the end of a pause.
      this.#next = Math.max(this.#next, this.#schedule.tuplesBy(now - this.#startMs - MAX_BURST_MS));
      const waitMs = this.#startMs + this.#schedule.dueMs(this.#next) - now;
      if (waitMs <= 0 || signal.aborted) return !signal.aborted;
      await this.#clock.wait(Math.min(waitMs, MAX_WAIT_MS), signal);
    }
  }
}
