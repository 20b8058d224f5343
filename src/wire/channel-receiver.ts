import { InChannel, type ChannelPosition, type SkipTuples } from './in-channel.ts';

/** What the handshake of a channel answers: the one number, and how much may be sent. */
export interface Opened {
  /** The next number expected, which is also an ack. */
  readonly expected: number;
  /** The end of the channel is among what it has: `expected` is one past it. */
  readonly ended: boolean;
  readonly creditBytes: number;
  readonly windowBytes: number;
  /** CRC-32 of everything below `expected`: a producer that makes it again must come to the same. */
  readonly digest: number;
}

/** The way from a consumer back to its producer. */
export interface ProducerLink {
  opened(answer: Opened): void;
  ack(expected: number, creditBytes: number): void;
  stop(): void;
}

/** The task that takes what arrives. It says by `recorded` when that is safe, and by `fed` when there is room for more. */
export interface ReceiverEvents {
  accepted(receiver: ChannelReceiver, first: number, count: number, bytes: Buffer): void;
  /** Tuples arrived that were there already. */
  rejected(receiver: ChannelReceiver, first: number, count: number): void;
  /** `sequence`: the FIN's number. `superseded`: what else its producer puts out goes to the next generation of this task's stage. */
  ended(receiver: ChannelReceiver, sequence: number, superseded: boolean): void;
}

export interface ReceiverOptions {
  readonly name: string;
  /** The producer, by its number (job/task-id). */
  readonly producer: number;
  readonly windowBytes: number;
  readonly skipTuples: SkipTuples;
  readonly events: ReceiverEvents;
  readonly from?: ChannelPosition;
  /** Runs a function a little later, so that one ack serves for all that came meanwhile. */
  readonly defer: (action: () => void) => void;
}

/** The consumer's end of a channel on whatever connection there is at the moment. */
export class ChannelReceiver {
  readonly name: string;
  readonly producer: number;
  readonly #channel: InChannel;
  readonly #events: ReceiverEvents;
  readonly #defer: (action: () => void) => void;
  #link: ProducerLink | undefined;
  /** A new connection, not answered before everything accepted is recorded. */
  #opening: ProducerLink | undefined;
  #attempt = 0;
  #ackPlanned = false;
  #toldExpected = 0;
  #toldCreditBytes = 0;
  #stopped = false;

  constructor(options: ReceiverOptions) {
    this.name = options.name;
    this.producer = options.producer;
    this.#channel = new InChannel(options.windowBytes, options.skipTuples, options.from);
    this.#events = options.events;
    this.#defer = options.defer;
  }

  get ended(): boolean {
    return this.#channel.ended;
  }

  get unfedBytes(): number {
    return this.#channel.unfedBytes;
  }

  get accepted(): number {
    return this.#channel.accepted;
  }

  /** CRC-32 of the bytes of all tuples accepted. */
  get digest(): number {
    return this.#channel.digest;
  }

  get journaled(): number {
    return this.#channel.journaled;
  }

  /**
   * The producer's attempt opened the channel on a connection. Older connections count no more from here on; the answer
   * follows when everything accepted is recorded. An attempt older than one that was here before gets none, and nothing that
   * it sends counts; what else its worker has to say on that connection may be in order.
   */
  connect(link: ProducerLink, attempt: number): void {
    if (attempt < this.#attempt) return;
    this.#attempt = attempt;
    this.#link = undefined;
    this.#opening = link;
    this.#answer();
  }

  disconnect(link: ProducerLink): void {
    if (this.#link === link) this.#link = undefined;
    if (this.#opening === link) this.#opening = undefined;
  }

  onData(link: ProducerLink, first: number, count: number, bytes: Buffer): void {
    if (!this.#isCurrent(link)) return;
    const acceptance = this.#channel.accept(first, count, bytes);
    if (acceptance.rejected > 0) this.#events.rejected(this, first, acceptance.rejected);
    if (acceptance.kind === 'duplicate') return this.#planAck();
    if (!this.#stopped) return this.#events.accepted(this, acceptance.first, acceptance.count, acceptance.bytes);
    this.#channel.fed(acceptance.bytes.length);
    this.recorded(this.#channel.accepted);
  }

  onFin(link: ProducerLink, sequence: number, superseded: boolean): void {
    if (!this.#isCurrent(link)) return;
    if (!this.#channel.end(sequence, superseded)) return this.#planAck();
    if (this.#stopped) this.recorded(this.#channel.accepted);
    else this.#events.ended(this, sequence, superseded);
  }

  /** Everything below `expected` is recorded durably. */
  recorded(expected: number): void {
    // Once stopped, what comes is acked as it comes, which may overtake what was still being recorded.
    if (this.#stopped && expected <= this.#channel.journaled) return;
    this.#channel.recorded(expected);
    this.#answer();
    this.#planAck();
  }

  /** Bytes of this channel were handed on, which makes room for more. */
  fed(bytes: number): void {
    this.#channel.fed(bytes);
    this.#planAck();
  }

  /** Nothing more is wanted: what is still on its way is taken and dropped. What was accepted before is to be recorded yet. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#link?.stop();
  }

  /** The producer repeats what is not acked before it has our answer. */
  #isCurrent(link: ProducerLink): boolean {
    return link === this.#link || link === this.#opening;
  }

  #answer(): void {
    const link = this.#opening;
    if (link === undefined || this.#channel.journaled !== this.#channel.accepted) return;
    this.#opening = undefined;
    this.#link = link;
    this.#channel.opened();
    this.#toldExpected = this.#channel.journaled;
    this.#toldCreditBytes = this.#channel.creditBytes;
    const { windowBytes, digest, ended } = this.#channel;
    // First, since the answer may ack what was only dropped: no producer may hear that and not know why.
    if (this.#stopped) link.stop();
    link.opened({ expected: this.#toldExpected, ended, creditBytes: this.#toldCreditBytes, windowBytes, digest });
  }

  /** One ack for all that a turn of the event loop brought. */
  #planAck(): void {
    if (this.#ackPlanned) return;
    this.#ackPlanned = true;
    this.#defer(() => {
      this.#ackPlanned = false;
      this.#sendAck();
    });
  }

  #sendAck(): void {
    const { journaled, creditBytes, windowBytes, unfedBytes } = this.#channel;
    const grown = creditBytes - this.#toldCreditBytes;
    const worthTelling = journaled !== this.#toldExpected || grown * 4 >= windowBytes || (grown > 0 && unfedBytes === 0);
    if (this.#link === undefined || !worthTelling) return;
    this.#toldExpected = journaled;
    this.#toldCreditBytes = creditBytes;
    this.#link.ack(journaled, creditBytes);
  }
}
