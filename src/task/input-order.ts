/**
 * What a task has accepted and not yet fed to its operator, in the order of acceptance.
 *
 * N1 Feed order is acceptance order, over all producers: an operator that is started again must see the same sequence.
 * N2 The end of input comes once, when every producer's channel has ended and everything before was fed.
 */
import type { ChannelReceiver } from '../wire/channel-receiver.ts';

export interface AcceptedFrame {
  readonly receiver: ChannelReceiver;
  readonly count: number;
  readonly bytes: Buffer;
}

/** Taken frames are dropped from the array's front in bulk. */
const COMPACT_AFTER_FRAMES = 256;

export class InputOrder {
  readonly #producers: number;
  readonly #ended = new Set<string>();
  #frames: (AcceptedFrame | undefined)[] = [];
  #head = 0;

  /** `producers`: how many channels must end before the input does. */
  constructor(producers: number) {
    this.#producers = producers;
  }

  get empty(): boolean {
    return this.#head === this.#frames.length;
  }

  /** Nothing is left and nothing will come. */
  get ended(): boolean {
    return this.empty && this.#ended.size === this.#producers;
  }

  accept(frame: AcceptedFrame): void {
    this.#frames.push(frame);
  }

  end(channel: string): void {
    this.#ended.add(channel);
  }

  take(): AcceptedFrame | undefined {
    const frame = this.#frames[this.#head];
    if (frame === undefined) return undefined;
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AFTER_FRAMES) {
      this.#frames.splice(0, this.#head);
      this.#head = 0;
    }
    return frame;
  }
}
