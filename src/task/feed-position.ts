import { crc32 } from 'node:zlib';
import { generationOf } from '../job/task-id.ts';
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
  readonly #input: Map<number, ChannelPosition>;
  readonly #skipped: SkippedTotals;
  #after: number;
  #inputBytes: number;

  /** `skipped`: what the attempt leaves out or was left out before. `from`: where it begins, at the beginning of the job unless told. */
  constructor(skipped: SkippedTotals, from: Omit<InputMark, 'skipped'> = { after: 0, input: new Map(), inputBytes: 0 }) {
    this.#skipped = skipped;
    this.#input = new Map(from.input);
    this.#after = from.after;
    this.#inputBytes = from.inputBytes;
  }

  get mark(): InputMark {
    this.#forgetPast();
    return { after: this.#after, input: new Map(this.#input), inputBytes: this.#inputBytes, skipped: this.#skipped };
  }

  /** How many producers are remembered. */
  get producers(): number {
    return this.#input.size;
  }

  /** Bytes of tuples since the beginning of the job. */
  get inputBytes(): number {
    return this.#inputBytes;
  }

  /** Tuples before `next` of a producer were fed. */
  frame(position: number, producer: number, next: number, { payload, inputBytes, digest }: FedFrame): void {
    this.#after = position + 1;
    this.#inputBytes += inputBytes;
    this.#input.set(producer, { next, ended: false, digest: digest ?? crc32(payload, this.#input.get(producer)?.digest ?? 0) });
  }

  fin(position: number, producer: number, superseded: boolean): void {
    this.#after = position + 1;
    this.#input.set(producer, { ...(this.#input.get(producer) ?? CHANNEL_START), ended: true, superseded });
  }

  /** An entry that is no input. */
  pass(position: number): void {
    this.#after = position + 1;
  }

  /** Of producers that have ended, only those of the last generation that there is stay: nobody will ask for the others any more. */
  #forgetPast(): void {
    const last = Math.max(...[...this.#input.keys()].map(generationOf));
    for (const [producer, { ended }] of this.#input) if (ended && generationOf(producer) < last) this.#input.delete(producer);
  }
}
