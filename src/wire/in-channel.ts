/**
 * The consumer's end of a channel, as a state machine without I/O.
 *
 * I1 Tuples are accepted in the order of their numbers, each once: 0, 1, 2 … and the FIN last, once, and of one kind.
 * I2 Duplicate rejection is a comparison with the next expected number, never a growing set, and never looks at content.
 * I3 A frame that straddles the expected number is trimmed to its new part; one above it is a gap, which ends the connection.
 * I4 Credit is the window plus what was fed: bytes accepted and not yet fed stay within the window, but for one oversize frame.
 *    What is rejected uses no credit, which the producer knows, since it is told what was there.
 * I5 acked ≤ journaled ≤ accepted: only what the consumer has recorded durably is acked.
 */
import { crc32 } from 'node:zlib';
import { RainstormError, invariant } from '../base/errors.ts';

/** What became of a frame that arrived. `rejected`: how many of its tuples were there already. */
export type Acceptance =
  | { readonly kind: 'accepted'; readonly first: number; readonly count: number; readonly bytes: Buffer; readonly rejected: number }
  | { readonly kind: 'duplicate'; readonly rejected: number };

/** Gives the offset behind the first `count` tuples of a frame's payload. */
export type SkipTuples = (bytes: Buffer, count: number) => number;

/** What a consumer knows of a channel from its journal. */
export interface ChannelPosition {
  /** Tuples recorded. */
  readonly next: number;
  readonly ended: boolean;
  /** CRC-32 of all their bytes, one after the other. */
  readonly digest: number;
  /** It ended since what else its producer puts out goes to the next generation of the consumer's stage. */
  readonly superseded?: boolean | undefined;
}

/** By the number of the producer (job/task-id). */
export type ChannelPositions = ReadonlyMap<number, ChannelPosition>;

export const CHANNEL_START: ChannelPosition = { next: 0, ended: false, digest: 0 };

export class InChannel {
  readonly windowBytes: number;
  readonly #skipTuples: SkipTuples;
  #next: number;
  #ended: boolean;
  #superseded: boolean;
  #digest: number;
  #journaled: number;
  #acceptedBytes = 0;
  #fedBytes = 0;
  /** What had been accepted when the present connection was opened; credit counts from there. */
  #openedAtBytes = 0;

  /** `from`: what the journal already holds, where the task was recovered. */
  constructor(windowBytes: number, skipTuples: SkipTuples, from: ChannelPosition = CHANNEL_START) {
    this.windowBytes = windowBytes;
    this.#skipTuples = skipTuples;
    this.#next = from.next;
    this.#ended = from.ended;
    this.#superseded = from.superseded === true;
    this.#digest = from.digest;
    this.#journaled = this.accepted;
  }

  /** Numbers below are accepted: the next number expected, or one past the FIN once the channel has ended. */
  get accepted(): number {
    return this.#ended ? this.#next + 1 : this.#next;
  }

  /** I5: numbers below are recorded durably, which is what may be acked. */
  get journaled(): number {
    return this.#journaled;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** CRC-32 of the bytes of all tuples accepted. */
  get digest(): number {
    return this.#digest;
  }

  get unfedBytes(): number {
    return this.#acceptedBytes - this.#fedBytes;
  }

  /** How many bytes the producer may send in all since the connection was opened. */
  get creditBytes(): number {
    return this.windowBytes + this.#fedBytes - this.#openedAtBytes;
  }

  /** A connection was opened: from here on credit counts anew, less what is still unfed. */
  opened(): void {
    invariant(this.#journaled === this.accepted, 'I5: a handshake answers with what is journaled');
    this.#openedAtBytes = this.#acceptedBytes;
  }

  accept(first: number, count: number, bytes: Buffer): Acceptance {
    if (first > this.#next) throw new RainstormError('PROTOCOL', `I3: tuple ${first} arrived where ${this.#next} was expected`);
    const known = Math.min(this.#next - first, count);
    if (known === count) return { kind: 'duplicate', rejected: known };
    if (this.#ended) throw new RainstormError('PROTOCOL', `I1: tuple ${first} arrived behind the end of its channel`);
    const fresh = known === 0 ? bytes : bytes.subarray(this.#skipTuples(bytes, known));
    this.#next = first + count;
    this.#acceptedBytes += fresh.length;
    this.#digest = crc32(fresh, this.#digest);
    return { kind: 'accepted', first: first + known, count: count - known, bytes: fresh, rejected: known };
  }

  /** `sequence`: the number of the FIN. Gives false for a FIN that was there already. */
  end(sequence: number, superseded: boolean): boolean {
    if (sequence !== this.#next) throw new RainstormError('PROTOCOL', `I1: the end came at ${sequence}, but ${this.#next} was expected`);
    if (this.#ended && superseded !== this.#superseded) throw new RainstormError('PROTOCOL', `I1: the end at ${sequence} came ${superseded ? '' : 'not '}as that of a generation, and was another before`);
    if (this.#ended) return false;
    this.#ended = true;
    this.#superseded = superseded;
    return true;
  }

  /** Numbers below `expected` are now recorded durably. */
  recorded(expected: number): void {
    invariant(expected >= this.#journaled && expected <= this.accepted, 'I5: journaled ≤ accepted, and never goes back');
    this.#journaled = expected;
  }

  /** Bytes were handed to the operator (or written, at a sink). */
  fed(bytes: number): void {
    this.#fedBytes += bytes;
    invariant(this.#fedBytes <= this.#acceptedBytes, 'I4: no more is fed than was accepted');
  }
}
