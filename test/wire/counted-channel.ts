import { Random } from '../../src/base/random.ts';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';

export const WINDOW_BYTES = 4096;

const skip = (bytes: Buffer, count: number) => skipTuples('lines', bytes, count);

/** Sends the numbers from 0 to `total - 1` as tuples in frames of any size, as fast as the channel takes them, and then its end. */
export class CountingProducer {
  readonly sender: ChannelSender;
  readonly done: Promise<void>;
  readonly #random: Random;
  readonly #total: number;
  #next = 0;
  #finished = false;

  constructor(name: string, total: number, seed: number, attempt = 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#total = total;
    this.#random = new Random(seed);
    const events = { acked: () => this.produce(), done: () => resolve(), stopped: () => undefined };
    this.sender = new ChannelSender({ name, attempt, maxHeldBytes: WINDOW_BYTES, skipTuples: skip, events });
  }

  produce(): void {
    while (!this.sender.full && this.#next < this.#total) {
      const to = Math.min(this.#total, this.#next + 1 + this.#random.below(40));
      const from = this.#next;
      // Counted before it is pushed: on a channel within a worker, a push may bring the next call of this.
      this.#next = to;
      this.sender.push(Buffer.from(Array.from({ length: to - from }, (_, index) => `${from + index}\n`).join('')), to - from);
    }
    if (this.#next < this.#total || this.#finished) return;
    this.#finished = true;
    this.sender.finish();
  }
}

/** Checks that the numbers come once each and in order; says so by `ended`, which rejects at the first wrong one. */
export class CountingConsumer {
  readonly receiver: ChannelReceiver;
  readonly ended: Promise<void>;
  taken = 0;
  rejected = 0;
  mostUnfedBytes = 0;

  /** `slow`: it takes what comes and never has room for more. */
  constructor(name: string, total: number, slow = false) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ended = promise;
    this.receiver = new ChannelReceiver({
      name,
      producer: 0,
      windowBytes: WINDOW_BYTES,
      skipTuples: skip,
      defer: setImmediate,
      events: {
        accepted: (receiver, first, count, bytes) => {
          const expected = Array.from({ length: count }, (_, index) => `${this.taken + index}\n`).join('');
          if (first !== this.taken || bytes.toString() !== expected) reject(new Error(`${name}: ${this.taken} was expected, and ${first} came: ${bytes.toString()}`));
          this.taken += count;
          this.mostUnfedBytes = Math.max(this.mostUnfedBytes, receiver.unfedBytes);
          // Recorded and fed some time after each other, as by a journal and an operator.
          setImmediate(() => receiver.recorded(first + count));
          if (!slow) setImmediate(() => setImmediate(() => receiver.fed(bytes.length)));
        },
        rejected: (_, _first, count) => (this.rejected += count),
        ended: (receiver, sequence) => {
          setImmediate(() => receiver.recorded(sequence + 1));
          if (sequence === total && this.taken === total) resolve();
          else reject(new Error(`${name}: the end came at ${sequence} after ${this.taken} of ${total}`));
        },
      },
    });
  }
}
