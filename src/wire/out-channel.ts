/**
 * The producer's end of a channel, as a state machine without I/O.
 *
 * The channel carries tuples numbered 0, 1, 2 … and one FIN behind them. Connections come and go below it; the channel
 * stays. After each connection the consumer says which number it expects and how many bytes it has room for.
 *
 * A producer that is started again makes its output again from some number on. What is held or acked already is made in
 * vain: it is compared by its digest, and dropped.
 *
 * O1 Numbers are consecutive: a frame begins where the one before it ended, and the FIN's number is the count of all tuples.
 * O2 Every tuple not acked is held or can be made again: the held frames cover [acked, next) without a gap.
 * O3 acked ≤ sent ≤ next, and acks never go back. A new connection begins with the first that was sent and not acked.
 * O4 No frame leaves without credit, except one when the consumer holds nothing of ours: so an oversize tuple gets through.
 * O5 Nothing follows the FIN.
 * O6 A consumer that asks for a number below what is held or can be made again is not our consumer: PROTOCOL.
 * O7 What is made again equals what was there: where the numbers meet, the digests of all bytes before are the same, and the
 *    end does not come earlier. Otherwise DIVERGED, before anything wrong is sent.
 * O8 A producer that starts again begins at 0 or where it once was when the consumer had acked everything before.
 */
import { crc32 } from 'node:zlib';
import { RainstormError, invariant } from '../base/errors.ts';
import type { SkipTuples } from './in-channel.ts';
import type { Opened } from './channel-receiver.ts';
import { Credit } from './credit.ts';
import { diverged } from './diverged.ts';
import type { Sendable } from './held-frame.ts';
import { HeldFrames } from './held-frames.ts';
import { NOTHING_MADE, type MadePosition } from './made-position.ts';

export class OutChannel {
  readonly #maxHeldBytes: number;
  readonly #skipTuples: SkipTuples;
  readonly #held: HeldFrames;
  /** One past the last number that is held or known to the consumer, and the digest of all bytes below. */
  #next = 0;
  #digest = 0;
  /** The number that the running attempt makes next, and the digest of what it made. */
  #made = 0;
  #madeDigest = 0;
  #acked = 0;
  #finished = false;
  #superseded = false;
  /** The consumer has the end already, from an attempt before: it comes at `next`. */
  #endKnown = false;
  #finSent = false;
  #finAcked = false;
  #open = false;
  /** The consumer has said where it stands. */
  #heard = false;
  #stopped = false;
  readonly #credit = new Credit();

  /** `maxHeldBytes`: how much may wait for acks before `full` asks the producer to pause. */
  constructor(maxHeldBytes: number, skipTuples: SkipTuples) {
    this.#maxHeldBytes = maxHeldBytes;
    this.#skipTuples = skipTuples;
    this.#held = new HeldFrames(skipTuples);
  }

  get next(): number {
    return this.#next;
  }

  get acked(): number {
    return this.#acked;
  }

  /** All that was handed to it, or that the consumer had when it said so; `stopped`: it wanted no more and has not said. Undefined: nor that. */
  get known(): MadePosition | undefined {
    return this.#heard || this.#stopped ? { sequence: this.#next, digest: this.#digest, stopped: !this.#heard } : undefined;
  }

  get heldBytes(): number {
    return this.#held.bytes;
  }

  /** True while the producer should make no more. */
  get full(): boolean {
    return this.#held.bytes >= this.#maxHeldBytes;
  }

  /** True when nothing that was pushed still waits for its ack. */
  get idle(): boolean {
    return this.#held.empty;
  }

  /** The consumer wants nothing more; what is pushed from now on is counted and dropped. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Everything and the FIN are acked. */
  get done(): boolean {
    return this.#finished && this.#finAcked;
  }

  /** What is made now was there before. */
  get remaking(): boolean {
    return this.#made < this.#next;
  }

  /** The consumer has said where it stands, and has neither the end nor more than was made since the producer was started. */
  get settled(): boolean {
    return this.#heard && !this.remaking && !this.#endKnown;
  }

  /** The consumer has the end already. */
  get endKnown(): boolean {
    return this.#endKnown;
  }

  /** What the running attempt has made so far. */
  get made(): MadePosition {
    return { sequence: this.#made, digest: this.#madeDigest, stopped: this.#stopped };
  }

  /**
   * The producer was started again and makes everything from there on again; here perhaps for the first time. Throws
   * DIVERGED when the consumer has said already that it has something else.
   */
  restart(from: MadePosition = NOTHING_MADE): void {
    invariant(!this.#finished, 'O5: who has finished does not start again');
    // Another process made and sent what is before.
    if (from.sequence > this.#next) [this.#next, this.#digest, this.#acked] = [from.sequence, from.digest, from.sequence];
    if (from.stopped && !this.#stopped) this.stop();
    invariant(this.#acked >= from.sequence, 'O8: everything before it is acked');
    if (from.sequence === this.#next && from.digest !== this.#digest && !this.#stopped) throw diverged(`the first ${from.sequence} tuples differ from those that the consumer has`);
    this.#made = from.sequence;
    this.#madeDigest = from.digest;
  }

  /** Appends `count` tuples. The buffer now belongs to the channel. Throws DIVERGED. */
  push(bytes: Buffer, count: number): void {
    invariant(!this.#finished, 'O5: nothing follows the FIN');
    invariant(count > 0 && bytes.length > 0, 'O1: a frame holds at least one tuple');
    const known = Math.min(Math.max(0, this.#next - this.#made), count);
    const cut = known === 0 ? 0 : known === count ? bytes.length : this.#skipTuples(bytes, known);
    if (known > 0) this.#remake(bytes.subarray(0, cut), known);
    if (known < count) this.#append(cut === 0 ? bytes : bytes.subarray(cut), count - known);
  }

  /** Throws DIVERGED when the consumer has more than was made. */
  finish(superseded = false): void {
    invariant(!this.#finished, 'O5: one FIN');
    if (this.#made < this.#next && !this.#stopped) throw diverged(`it ended after ${this.#made} tuples, but ${this.#next} were there before`);
    this.#finished = true;
    this.#superseded = superseded;
    if (this.#stopped) this.#finAcked = true;
  }

  /** The consumer answered where it stands. Throws PROTOCOL or DIVERGED. */
  opened({ expected, ended, creditBytes, windowBytes, digest }: Opened): void {
    // A consumer that has stopped us may expect less than counts as acked since then. It gets no more.
    if (this.#stopped) return;
    if (expected < this.#acked) throw new RainstormError('PROTOCOL', `O6: the consumer expects tuple ${expected}, but has acked ${this.#acked}`);
    const tuples = ended ? expected - 1 : expected;
    this.#compare(tuples, ended, digest);
    this.#dropBelow(expected);
    this.#open = true;
    this.#heard = true;
    // Of what was sent again, what the consumer did not have when it answered uses up its credit.
    this.#credit.opened({ sentBytes: this.#held.unknownSentBytes(tuples), creditBytes, windowBytes });
  }

  /**
   * There is a new connection: gives the first of what was sent on the one before and is not acked, to be sent again at
   * once. What the consumer has of it, it rejects; that costs less than to stand still until it has answered. No more than
   * one frame, or the end: a connection that is lost again and again must not be filled with what was there already.
   */
  resend(): Sendable | undefined {
    this.#open = false;
    const frame = this.#held.sent;
    if (frame === undefined) return this.#finSent && !this.#finAcked ? this.#fin : undefined;
    this.#held.rewind();
    this.#finSent = false;
    return { kind: 'data', frame };
  }

  /** The connection is gone; frames stay until the consumer has acked them. */
  disconnected(): void {
    this.#open = false;
  }

  /** `expected`: every number below is recorded. `creditBytes`: sending is allowed up to this many since `opened`. */
  acknowledged(expected: number, creditBytes: number): void {
    if (!this.#open) return;
    if (expected > this.#sentEnd) throw new RainstormError('PROTOCOL', `O3: the consumer acked ${expected}, but only ${this.#sentEnd} was sent`);
    this.#dropBelow(expected);
    this.#credit.raise(creditBytes);
  }

  /** The consumer wants no more: whatever is held or will be made counts as acked. */
  stop(): void {
    this.#stopped = true;
    this.#held.clear();
    this.#acked = this.#next;
    if (this.#finished) this.#finAcked = true;
  }

  /** The next thing that may be sent now; undefined if there is nothing or no credit. Counts as sent. */
  takeSendable(): Sendable | undefined {
    if (!this.#open || this.#stopped) return undefined;
    const frame = this.#held.unsent;
    if (frame === undefined) return this.#takeFin();
    // Of a frame that an attempt before has sent in other pieces, the consumer may have the beginning already.
    const bytes = this.#held.unknownBytes(frame, this.#acked);
    if (!this.#credit.covers(bytes)) return undefined;
    this.#held.advance();
    this.#credit.use(bytes);
    return { kind: 'data', frame };
  }

  #append(bytes: Buffer, count: number): void {
    if (this.#endKnown && !this.#stopped) throw diverged(`it goes on after ${this.#next} tuples, which were all there were before`);
    const frame = { first: this.#next, count, bytes, digest: this.#digest };
    this.#next += count;
    this.#made = this.#next;
    this.#digest = crc32(bytes, this.#digest);
    this.#madeDigest = this.#digest;
    invariant(Number.isSafeInteger(this.#next), 'O1: sequence numbers are safe integers');
    if (this.#stopped) {
      this.#acked = this.#next;
      return;
    }
    this.#held.push(frame);
  }

  /** O7 */
  #remake(bytes: Buffer, count: number): void {
    this.#made += count;
    this.#madeDigest = crc32(bytes, this.#madeDigest);
    if (this.#made === this.#next && this.#madeDigest !== this.#digest && !this.#stopped) throw diverged(`the first ${this.#next} tuples differ from those made before`);
  }

  /** O7: holds what the consumer has from earlier attempts against what is here, or waits for it to be made again. */
  #compare(tuples: number, ended: boolean, digest: number): void {
    if (tuples > this.#next) {
      if (this.#finished) throw diverged(`the consumer has ${tuples} tuples, but only ${this.#next} were made`);
      this.#next = tuples;
      this.#digest = digest;
    } else if ((this.#held.digestAt(tuples) ?? this.#digest) !== digest) {
      throw diverged(`the first ${tuples} tuples differ from those that the consumer has`);
    }
    if (!ended) return;
    if (tuples < this.#next) throw diverged(`it goes on after ${tuples} tuples, which were all there were before`);
    this.#endKnown = true;
  }

  #takeFin(): Sendable | undefined {
    if (!this.#finished || this.#finSent || this.#finAcked) return undefined;
    this.#finSent = true;
    return this.#fin;
  }

  get #fin(): Sendable {
    return { kind: 'fin', sequence: this.#next, superseded: this.#superseded };
  }

  get #sentEnd(): number {
    const frame = this.#held.unsent;
    // The consumer may expect a number inside the frame at the cursor: it has the beginning from an earlier connection.
    if (frame !== undefined) return Math.max(frame.first, this.#acked);
    return this.#finSent || this.#finAcked ? this.#next + 1 : this.#next;
  }

  #dropBelow(expected: number): void {
    this.#held.dropBelow(expected);
    this.#acked = Math.max(this.#acked, Math.min(expected, this.#next));
    if (expected > this.#next) this.#finAcked = true;
  }
}
