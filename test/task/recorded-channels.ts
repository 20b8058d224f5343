import { skipTuples } from '../../src/job/skip-tuples.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';

const PLENTY = 1 << 30;

/** A sender whose frames are noted as they leave; acks come when the test says so. */
export class RecordedChannel {
  readonly frames: { readonly first: number; readonly count: number; readonly bytes: Buffer }[] = [];
  fins: number[] = [];
  readonly sender: ChannelSender;

  constructor(name: string, options: { maxHeldBytes?: number; acked?: () => void } = {}) {
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
      fin: (sequence) => this.fins.push(sequence),
    });
    this.sender.onOpened({ expected: 0, ended: false, creditBytes: PLENTY, windowBytes: PLENTY, digest: 0 });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.frames.map((frame) => frame.bytes));
  }

  /** Acks everything that has left. */
  ack(): void {
    const last = this.frames.at(-1);
    if (last !== undefined) this.sender.onAck(last.first + last.count, PLENTY);
  }
}
