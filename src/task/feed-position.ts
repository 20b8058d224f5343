import { crc32 } from 'node:zlib';
import { CHANNEL_START, type ChannelPosition } from '../wire/in-channel.ts';
import type { InputMark } from './checkpoint-record.ts';
import type { SkippedTotals } from './skip.ts';

interface FedFrame {
  readonly payload: Buffer;
  /** What the payload stands for, in bytes of tuples. */
  readonly inputBytes: number;
  /** Over all payloads of the channel up to this one, if that is known already. */
  readonly digest: number | undefined;
}

/** How far an attempt has been fed: where in the journal, and where each producer's channel stands there. */
export class FeedPosition {
  readonly #input: ChannelPosition[];
  readonly #skipped: SkippedTotals;
  #after: number;
  #inputBytes: number;

  /** `skipped`: what the attempt leaves out or was left out before. `from`: where it begins, at the beginning of the job unless told. */
  constructor(producers: number, skipped: SkippedTotals, from: Omit<InputMark, 'skipped'> = { after: 0, input: Array.from({ length: producers }, () => CHANNEL_START), inputBytes: 0 }) {
    this.#skipped = skipped;
    this.#input = [...from.input];
    this.#after = from.after;
    this.#inputBytes = from.inputBytes;
  }

  get mark(): InputMark {
    return { after: this.#after, input: [...this.#input], inputBytes: this.#inputBytes, skipped: this.#skipped };
  }

  /** Bytes of tuples since the beginning of the job. */
  get inputBytes(): number {
    return this.#inputBytes;
  }

  /** Tuples before `next` of a producer were fed. */
  frame(position: number, producer: number, next: number, { payload, inputBytes, digest }: FedFrame): void {
    this.#after = position + 1;
    this.#inputBytes += inputBytes;
    this.#input[producer] = { next, ended: false, digest: digest ?? crc32(payload, this.#input[producer]?.digest ?? 0) };
  }

  fin(position: number, producer: number): void {
    this.#after = position + 1;
    this.#input[producer] = { ...(this.#input[producer] ?? CHANNEL_START), ended: true };
  }

  /** An entry that is no input. */
  pass(position: number): void {
    this.#after = position + 1;
  }
}
