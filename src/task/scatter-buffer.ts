import { lastEndWithin } from '../job/block.ts';
import type { Part } from '../job/kernel/partition-piece.ts';
import type { ChannelSender } from '../wire/channel-sender.ts';

/** Tuples are short: room for a few to begin with, since a task may have hundreds of these buffers. */
const INITIAL_BYTES = 4 * 1024;

/**
 * Collects the tuples of one consumer until a frame is worth sending: when it is full, or when the channel has nothing
 * under way, so that a slow stream is not held up and a fast one gets large frames.
 */
export class ScatterBuffer {
  readonly #channel: ChannelSender;
  readonly #frameBytes: number;
  #bytes = Buffer.alloc(0);
  #used = 0;
  #count = 0;
  /** Of the frame before: the next one is likely to become as long. */
  #lastBytes = 0;

  constructor(channel: ChannelSender, frameBytes: number) {
    this.#channel = channel;
    this.#frameBytes = frameBytes;
  }

  add(source: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#used > 0 && this.#used + length > this.#frameBytes) this.flush();
    this.#append(source, start, end, 1);
  }

  /** Adds what `add` would add tuple by tuple, and makes the same frames of it. */
  addPart({ bytes, start, count, ends }: Part): void {
    let first = 0;
    let from = 0;
    while (first < count) {
      const last = lastEndWithin(ends, first, count, from + this.#frameBytes - this.#used);
      const end = ends[last] as number;
      if (this.#used > 0 && this.#used + end - from > this.#frameBytes) {
        this.flush();
        continue;
      }
      this.#append(bytes, start + from, start + end, last + 1 - first);
      from = end;
      first = last + 1;
    }
  }

  flushIfIdle(): void {
    if (this.#count > 0 && this.#channel.idle) this.flush();
  }

  /** The frame's bytes belong to the channel from here on; what is left of the buffer serves the next frame. */
  flush(): void {
    if (this.#count === 0) return;
    const frame = this.#bytes.subarray(0, this.#used);
    const count = this.#count;
    this.#bytes = this.#bytes.subarray(this.#used);
    this.#used = 0;
    this.#count = 0;
    this.#lastBytes = frame.length;
    this.#channel.push(frame, count);
  }

  #append(source: Buffer, start: number, end: number, count: number): void {
    const used = this.#used + end - start;
    if (used > this.#bytes.length) this.#grow(used);
    source.copy(this.#bytes, this.#used, start, end);
    this.#used = used;
    this.#count += count;
  }

  #grow(neededBytes: number): void {
    const size = Math.max(neededBytes, Math.min(this.#frameBytes, Math.max(INITIAL_BYTES, this.#used * 4, this.#lastBytes)));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}
