import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { Opened } from '../../src/wire/channel-receiver.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';

const PLENTY = 1 << 30;

/** A sender whose frames are noted as they leave; acks come when the test says so. */
export class RecordedChannel {
  readonly frames: { readonly first: number; readonly count: number; readonly bytes: Buffer }[] = [];
  fins: number[] = [];
  /** Of each end, whether what comes behind it goes to a next generation. */
  readonly superseded: boolean[] = [];
  readonly sender: ChannelSender;

  /** `silent`: the consumer does not say where it stands until the test lets it (`answer`). */
  constructor(name: string, options: { maxHeldBytes?: number; acked?: () => void; silent?: boolean } = {}) {
    this.sender = new ChannelSender({
      name,
      attempt: 1,
      maxHeldBytes: options.maxHeldBytes ?? PLENTY,
      skipTuples: (bytes, count) => skipTuples('lines', bytes, count),
      events: { acked: options.acked ?? (() => undefined), done: () => undefined, stopped: () => undefined },
    });
    this.sender.connect({
      open: () => undefined,
      data: (frame) => this.frames.push(frame),
      fin: (sequence, superseded) => {
        this.fins.push(sequence);
        this.superseded.push(superseded);
      },
    });
    if (options.silent !== true) this.answer();
  }

  /** The consumer says where it stands: nowhere, unless told. */
  answer(where: Partial<Pick<Opened, 'expected' | 'ended' | 'digest'>> = {}): void {
    this.sender.onOpened({ expected: 0, ended: false, creditBytes: PLENTY, windowBytes: PLENTY, digest: 0, ...where });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.frames.map((frame) => frame.bytes));
  }

  /** Acks everything that has left. */
  ack(): void {
    const last = this.frames.at(-1);
    if (last !== undefined) this.sender.onAck(last.first + last.count, PLENTY);
  }

  /** And the end. */
  ackEnd(): void {
    for (const sequence of this.fins) this.sender.onAck(sequence + 1, PLENTY);
  }
}
