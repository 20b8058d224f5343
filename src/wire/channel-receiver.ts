import { InChannel, type SkipTuples } from './in-channel.ts';

/** The way from a consumer back to its producer. */
export interface ProducerLink {
  opened(expected: number, creditBytes: number, windowBytes: number): void;
  ack(expected: number, creditBytes: number): void;
  stop(): void;
}

/** The task that takes what arrives. */
export interface ReceiverEvents {
  accepted(receiver: ChannelReceiver, first: number, count: number, bytes: Buffer): void;
  /** Tuples arrived that were there already. */
  rejected(receiver: ChannelReceiver, first: number, count: number): void;
  ended(receiver: ChannelReceiver): void;
}

/** The consumer's end of a channel on whatever connection there is at the moment. */
export class ChannelReceiver {
  readonly name: string;
  readonly #channel: InChannel;
  readonly #events: ReceiverEvents;
  #link: ProducerLink | undefined;
  #ackPlanned = false;
  #toldExpected = 0;
  #toldCreditBytes = 0;
  #stopped = false;

  constructor(name: string, windowBytes: number, skipTuples: SkipTuples, events: ReceiverEvents) {
    this.name = name;
    this.#channel = new InChannel(windowBytes, skipTuples);
    this.#events = events;
  }

  get ended(): boolean {
    return this.#channel.ended;
  }

  get unfedBytes(): number {
    return this.#channel.unfedBytes;
  }

  /** The producer opened the channel on a connection; the answer tells it where to go on. */
  connect(link: ProducerLink): void {
    this.#link = link;
    this.#channel.opened();
    this.#toldExpected = this.#channel.expected;
    this.#toldCreditBytes = this.#channel.creditBytes;
    link.opened(this.#toldExpected, this.#toldCreditBytes, this.#channel.windowBytes);
    if (this.#stopped) link.stop();
  }

  disconnect(link: ProducerLink): void {
    if (this.#link === link) this.#link = undefined;
  }

  onData(link: ProducerLink, first: number, count: number, bytes: Buffer): void {
    if (link !== this.#link) return;
    const acceptance = this.#channel.accept(first, count, bytes);
    if (acceptance.rejected > 0) this.#events.rejected(this, first, acceptance.rejected);
    if (acceptance.kind === 'accepted') {
      if (this.#stopped) this.#channel.fed(acceptance.bytes.length);
      else this.#events.accepted(this, acceptance.first, acceptance.count, acceptance.bytes);
    }
    this.#planAck();
  }

  onFin(link: ProducerLink, sequence: number): void {
    if (link !== this.#link) return;
    if (this.#channel.end(sequence) && !this.#stopped) this.#events.ended(this);
    this.#planAck();
  }

  /** Bytes of this channel were handed on, which makes room for more. */
  fed(bytes: number): void {
    this.#channel.fed(bytes);
    this.#planAck();
  }

  /** Nothing more is wanted: what is still on its way is taken and dropped. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#link?.stop();
  }

  /** One ack for all that a turn of the event loop brought. */
  #planAck(): void {
    if (this.#ackPlanned) return;
    this.#ackPlanned = true;
    setImmediate(() => {
      this.#ackPlanned = false;
      this.#sendAck();
    });
  }

  #sendAck(): void {
    const { expected, creditBytes, windowBytes, unfedBytes } = this.#channel;
    const grown = creditBytes - this.#toldCreditBytes;
    const worthTelling = expected !== this.#toldExpected || grown * 4 >= windowBytes || (grown > 0 && unfedBytes === 0);
    if (this.#link === undefined || !worthTelling) return;
    this.#toldExpected = expected;
    this.#toldCreditBytes = creditBytes;
    this.#link.ack(expected, creditBytes);
  }
}
