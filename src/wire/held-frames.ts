import { crc32 } from 'node:zlib';
import type { HeldFrame } from './held-frame.ts';
import type { SkipTuples } from './in-channel.ts';

/** Acked frames are dropped from the array's front in bulk: shifting one by one moves the whole array each time. */
const COMPACT_AFTER_FRAMES = 256;

/** The frames of a channel that are not acked, in order and without a gap (O2): first those that were sent, then those that were not. */
export class HeldFrames {
  readonly #skipTuples: SkipTuples;
  #frames: HeldFrame[] = [];
  /** Of the first that is held. */
  #head = 0;
  /** Of the first that was not sent. */
  #cursor = 0;
  #bytes = 0;

  constructor(skipTuples: SkipTuples) {
    this.#skipTuples = skipTuples;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#head === this.#frames.length;
  }

  /** The first that was not sent. */
  get unsent(): HeldFrame | undefined {
    return this.#frames[this.#cursor];
  }

  /** The first of those that were sent. */
  get sent(): HeldFrame | undefined {
    return this.#cursor > this.#head ? this.#frames[this.#head] : undefined;
  }

  push(frame: HeldFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
  }

  /** `unsent` is sent. */
  advance(): void {
    this.#cursor += 1;
  }

  /** Of those that were sent only the first still counts as sent. */
  rewind(): void {
    this.#cursor = this.#head + 1;
  }

  clear(): void {
    this.#frames = [];
    this.#head = 0;
    this.#cursor = 0;
    this.#bytes = 0;
  }

  /** Drops those whose every number is below `expected`. */
  dropBelow(expected: number): void {
    while (this.#head < this.#frames.length) {
      const frame = this.#frames[this.#head];
      if (frame === undefined || frame.first + frame.count > expected) break;
      this.#bytes -= frame.bytes.length;
      this.#head += 1;
    }
    this.#cursor = Math.max(this.#cursor, this.#head);
    if (this.#head >= COMPACT_AFTER_FRAMES) this.#compact();
  }

  /** Of all bytes of the channel before tuple `sequence`; undefined where that is behind all that is held. */
  digestAt(sequence: number): number | undefined {
    for (let at = this.#head; at < this.#frames.length; at++) {
      const frame = this.#frames[at] as HeldFrame;
      if (sequence >= frame.first + frame.count) continue;
      if (sequence === frame.first) return frame.digest;
      return crc32(frame.bytes.subarray(0, this.#skipTuples(frame.bytes, sequence - frame.first)), frame.digest);
    }
    return undefined;
  }

  /** Of what was sent, the bytes that a consumer that has `tuples` tuples does not have. */
  unknownSentBytes(tuples: number): number {
    let bytes = 0;
    for (let at = this.#head; at < this.#cursor; at++) bytes += this.unknownBytes(this.#frames[at] as HeldFrame, tuples);
    return bytes;
  }

  /** What a consumer that has `tuples` tuples accepts of a frame that ends behind them, in bytes: the rest it rejects. */
  unknownBytes(frame: HeldFrame, tuples: number): number {
    if (tuples <= frame.first) return frame.bytes.length;
    return frame.bytes.length - this.#skipTuples(frame.bytes, tuples - frame.first);
  }

  #compact(): void {
    this.#frames.splice(0, this.#head);
    this.#cursor -= this.#head;
    this.#head = 0;
  }
}
