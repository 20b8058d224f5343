import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import type { Block } from '../job/block.ts';
import { countNewlines } from '../job/count-newlines.ts';
import { endOf, sliceBlock } from '../job/slice-block.ts';
import type { Source, SourcePosition, SourceProgress } from './source.ts';

/** Pieces this long make the output look smooth to a person and to the rates taken each second, at 20 waits a second. */
const PIECE_MS = 50;

/** After a stall of the pipeline no more than this is caught up at once; a longer burst would be a load nobody asked for. */
const MAX_BURST_MS = 1000;

/** Waits are cut to this, so that a rate of one tuple a month stays within what a timer takes. */
const MAX_WAIT_MS = 60_000;

/**
 * Hands on at most so many tuples a second, evenly.
 *
 * When a piece is due is counted from the start and not from the piece before, so that late timers do not add up.
 */
export class PacedSource implements Source {
  readonly #source: Source;
  readonly #tuplesPerSecond: number;
  readonly #pieceTuples: number;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #block: Block | undefined;
  /** Tuples of `#block` handed on. */
  #taken = 0;
  /** The time at which tuple 0 was due, moved on by stalls; undefined before the first read. */
  #startMs: number | undefined;
  /** Tuples handed on since then. */
  #tuples = 0;

  /** `tuplesPerSecond`: above 0, fractions allowed. */
  constructor(source: Source, tuplesPerSecond: number, clock: Clock) {
    invariant(tuplesPerSecond > 0 && Number.isFinite(tuplesPerSecond), 'a rate is a number above 0');
    this.#source = source;
    this.#tuplesPerSecond = tuplesPerSecond;
    this.#pieceTuples = Math.max(1, Math.floor((tuplesPerSecond * PIECE_MS) / 1000));
    this.#clock = clock;
  }

  async read(hurry = false): Promise<Block | undefined> {
    if (this.#block === undefined) {
      this.#block = await this.#source.read();
      this.#taken = 0;
    }
    const block = this.#block;
    if (block === undefined) return undefined;
    return hurry ? this.#rest(block) : this.#piece(block);
  }

  /** Of what was handed on; the source itself is a block ahead. */
  position(): SourcePosition | undefined {
    const ahead = this.#source.position();
    if (ahead === undefined || this.#block === undefined) return ahead;
    const rest = this.#block.bytes.subarray(endOf(this.#block, this.#taken));
    return { ...ahead, offsetBytes: ahead.offsetBytes - rest.length, line: ahead.line - countNewlines(rest) };
  }

  #rest(block: Block): Block {
    this.#block = undefined;
    return sliceBlock(block, this.#taken, block.count);
  }

  async #piece(block: Block): Promise<Block | undefined> {
    if (!(await this.#waitUntilDue())) return undefined;
    const to = Math.min(block.count, this.#taken + this.#pieceTuples);
    const piece = sliceBlock(block, this.#taken, to);
    this.#tuples += piece.count;
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
    const dueMs = this.#startMs + (this.#tuples * 1000) / this.#tuplesPerSecond;
    let now = this.#clock.now();
    while (now < dueMs && !signal.aborted) {
      await this.#clock.wait(Math.min(dueMs - now, MAX_WAIT_MS), signal);
      now = this.#clock.now();
    }
    this.#startMs += Math.max(0, now - dueMs - MAX_BURST_MS);
    return !signal.aborted;
  }
}
