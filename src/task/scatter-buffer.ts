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

  constructor(channel: ChannelSender, frameBytes: number) {
    this.#channel = channel;
    this.#frameBytes = frameBytes;
  }

  add(source: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#used > 0 && this.#used + length > this.#frameBytes) this.flush();
    if (this.#used + length > this.#bytes.length) this.#grow(this.#used + length);
    source.copy(this.#bytes, this.#used, start, end);
    this.#used += length;
    this.#count += 1;
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
    this.#channel.push(frame, count);
  }

  #grow(neededBytes: number): void {
    const size = Math.max(neededBytes, Math.min(this.#frameBytes, Math.max(INITIAL_BYTES, this.#used * 4)));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }
}
