/**
 * The producer's end of a channel, as a state machine without I/O.
 *
 * The channel carries tuples numbered 0, 1, 2 … and one FIN behind them. Connections come and go below it; the channel
 * stays. After each connection the consumer says which number it expects and how many bytes it has room for.
 *
 * O1 Numbers are consecutive: a frame begins where the one before it ended, and the FIN's number is the count of all tuples.
 * O2 Every tuple not acked is held: the held frames cover [acked, next) without a gap.
 * O3 acked ≤ sent ≤ next, and acks never go back.
 * O4 No frame leaves without credit, except one when the consumer holds nothing of ours: so an oversize tuple gets through.
 * O5 Nothing follows the FIN.
 * O6 A consumer that asks for a number below what is held, or above what was made, is not our consumer: PROTOCOL.
 */
import { RainstormError, invariant } from '../base/errors.ts';

export interface HeldFrame {
  readonly first: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** What may be sent next. */
export type Sendable = { readonly kind: 'data'; readonly frame: HeldFrame } | { readonly kind: 'fin'; readonly sequence: number };

/** Acked frames are dropped from the array's front in bulk, since shifting one by one moves the whole array each time. */
const COMPACT_AFTER_FRAMES = 256;

export class OutChannel {
  readonly #maxHeldBytes: number;
  #frames: HeldFrame[] = [];
  #head = 0;
  #cursor = 0;
  #next = 0;
  #acked = 0;
  #heldBytes = 0;
  #finished = false;
  #finSent = false;
  #finAcked = false;
  #open = false;
  #stopped = false;
  /** Bytes sent and bytes allowed since the connection was opened. */
  #sentBytes = 0;
  #creditBytes = 0;
  #windowBytes = 0;

  /** `maxHeldBytes`: how much may wait for acks before `full` asks the producer to pause. */
  constructor(maxHeldBytes: number) {
    this.#maxHeldBytes = maxHeldBytes;
  }

  get next(): number {
    return this.#next;
  }

  get acked(): number {
    return this.#acked;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True while the producer should make no more. */
  get full(): boolean {
    return this.#heldBytes >= this.#maxHeldBytes;
  }

  /** True when nothing that was pushed still waits for its ack. */
  get idle(): boolean {
    return this.#head === this.#frames.length;
  }

  /** The consumer wants nothing more; what is pushed from now on is counted and dropped. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Everything and the FIN are acked. */
  get done(): boolean {
    return this.#finAcked;
  }

  /** Appends `count` tuples. The buffer now belongs to the channel. */
  push(bytes: Buffer, count: number): void {
    invariant(!this.#finished, 'O5: nothing follows the FIN');
    invariant(count > 0 && bytes.length > 0, 'O1: a frame holds at least one tuple');
    const frame = { first: this.#next, count, bytes };
    this.#next += count;
    invariant(Number.isSafeInteger(this.#next), 'O1: sequence numbers are safe integers');
    if (this.#stopped) {
      this.#acked = this.#next;
      return;
    }
    this.#frames.push(frame);
    this.#heldBytes += bytes.length;
  }

  finish(): void {
    invariant(!this.#finished, 'O5: one FIN');
    this.#finished = true;
    if (this.#stopped) this.#finAcked = true;
  }

  /** The consumer answered: it expects `expected` next and has room for `creditBytes` of its window of `windowBytes`. */
  opened(expected: number, creditBytes: number, windowBytes: number): void {
    if (expected < this.#acked || expected > this.#end) {
      throw new RainstormError('PROTOCOL', `O6: the consumer expects tuple ${expected}, but ${this.#acked} to ${this.#end} can be sent`);
    }
    this.#dropBelow(expected);
    this.#open = true;
    this.#cursor = this.#head;
    this.#finSent = false;
    this.#sentBytes = 0;
    this.#creditBytes = creditBytes;
    this.#windowBytes = windowBytes;
  }

  /** The connection is gone; frames stay until the consumer has answered on the next one. */
  disconnected(): void {
    this.#open = false;
  }

  /** `expected`: every number below is accepted. `creditBytes`: sending is allowed up to this many since `opened`. */
  acknowledged(expected: number, creditBytes: number): void {
    if (!this.#open) return;
    if (expected > this.#sentEnd) {
      throw new RainstormError('PROTOCOL', `O3: the consumer acked ${expected}, but only ${this.#sentEnd} was sent`);
    }
    this.#dropBelow(expected);
    this.#creditBytes = Math.max(this.#creditBytes, creditBytes);
  }

  /** The consumer wants no more: whatever is held or will be made counts as acked. */
  stop(): void {
    this.#stopped = true;
    this.#frames = [];
    this.#head = 0;
    this.#cursor = 0;
    this.#heldBytes = 0;
    this.#acked = this.#next;
    if (this.#finished) this.#finAcked = true;
  }

  /** The next thing that may be sent now; undefined if there is nothing or no credit. Counts as sent. */
  takeSendable(): Sendable | undefined {
    if (!this.#open || this.#stopped) return undefined;
    const frame = this.#frames[this.#cursor];
    if (frame === undefined) return this.#takeFin();
    if (!this.#mayLeave(frame.bytes.length)) return undefined;
    this.#cursor += 1;
    this.#sentBytes += frame.bytes.length;
    return { kind: 'data', frame };
  }

  #takeFin(): Sendable | undefined {
    if (!this.#finished || this.#finSent || this.#finAcked) return undefined;
    this.#finSent = true;
    return { kind: 'fin', sequence: this.#next };
  }

  #mayLeave(bytes: number): boolean {
    const consumerHoldsNothing = this.#creditBytes - this.#sentBytes === this.#windowBytes;
    return this.#sentBytes + bytes <= this.#creditBytes || consumerHoldsNothing;
  }

  /** One past the last number there is, the FIN included. */
  get #end(): number {
    return this.#finished ? this.#next + 1 : this.#next;
  }

  get #sentEnd(): number {
    const frame = this.#frames[this.#cursor];
    // The consumer may expect a number inside the frame at the cursor: it has the beginning from an earlier connection.
    if (frame !== undefined) return Math.max(frame.first, this.#acked);
    return this.#finSent || this.#finAcked ? this.#next + 1 : this.#next;
  }

  #dropBelow(expected: number): void {
    while (this.#head < this.#frames.length) {
      const frame = this.#frames[this.#head];
      if (frame === undefined || frame.first + frame.count > expected) break;
      this.#heldBytes -= frame.bytes.length;
      this.#head += 1;
    }
    this.#cursor = Math.max(this.#cursor, this.#head);
    this.#acked = Math.max(this.#acked, Math.min(expected, this.#next));
    if (expected > this.#next) this.#finAcked = true;
    if (this.#head >= COMPACT_AFTER_FRAMES) this.#compact();
  }

  #compact(): void {
    this.#frames.splice(0, this.#head);
    this.#cursor -= this.#head;
    this.#head = 0;
  }
}
