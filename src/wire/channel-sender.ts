import { OutChannel, type HeldFrame } from './out-channel.ts';

/** The way from a producer to its consumer: a TCP connection, or a function call within one worker. */
export interface ConsumerLink {
  open(channel: string): void;
  data(frame: HeldFrame): void;
  fin(sequence: number): void;
}

export interface SenderEvents {
  /** Frames were acked; there is room again where the channel was full. */
  acked(): void;
  /** Everything and the end of the channel is acked. Called once. */
  done(): void;
  /** The consumer wants nothing more. Called once. */
  stopped(): void;
}

/** The producer's end of a channel on whatever connection there is at the moment. */
export class ChannelSender {
  readonly name: string;
  readonly #channel: OutChannel;
  readonly #events: SenderEvents;
  #link: ConsumerLink | undefined;
  #doneTold = false;

  constructor(name: string, maxHeldBytes: number, events: SenderEvents) {
    this.name = name;
    this.#channel = new OutChannel(maxHeldBytes);
    this.#events = events;
  }

  get full(): boolean {
    return this.#channel.full;
  }

  get idle(): boolean {
    return this.#channel.idle;
  }

  get stopped(): boolean {
    return this.#channel.stopped;
  }

  get done(): boolean {
    return this.#channel.done;
  }

  get next(): number {
    return this.#channel.next;
  }

  /** Announces the channel on a new connection. Nothing is sent before the consumer has answered. */
  connect(link: ConsumerLink): void {
    this.#channel.disconnected();
    this.#link = link;
    link.open(this.name);
  }

  /** `link` is gone. Another one may have taken its place already. */
  disconnect(link: ConsumerLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#channel.disconnected();
  }

  push(bytes: Buffer, count: number): void {
    this.#channel.push(bytes, count);
    this.#pump();
  }

  finish(): void {
    this.#channel.finish();
    this.#pump();
    this.#tellDone();
  }

  onOpened(expected: number, creditBytes: number, windowBytes: number): void {
    this.#channel.opened(expected, creditBytes, windowBytes);
    this.#progress();
  }

  onAck(expected: number, creditBytes: number): void {
    this.#channel.acknowledged(expected, creditBytes);
    this.#progress();
  }

  onStop(): void {
    if (this.#channel.stopped) return;
    this.#channel.stop();
    this.#events.stopped();
    this.#progress();
  }

  #progress(): void {
    this.#pump();
    this.#events.acked();
    this.#tellDone();
  }

  #tellDone(): void {
    if (this.#doneTold || !this.#channel.done) return;
    this.#doneTold = true;
    this.#events.done();
  }

  #pump(): void {
    while (this.#link !== undefined) {
      const sendable = this.#channel.takeSendable();
      if (sendable === undefined) return;
      if (sendable.kind === 'data') this.#link.data(sendable.frame);
      else this.#link.fin(sendable.sequence);
    }
  }
}
