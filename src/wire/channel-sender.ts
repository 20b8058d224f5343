import type { Opened } from './channel-receiver.ts';
import type { SkipTuples } from './in-channel.ts';
import type { HeldFrame, Sendable } from './held-frame.ts';
import type { MadePosition } from './made-position.ts';
import { OutChannel } from './out-channel.ts';

/** The way from a producer to its consumer: a TCP connection, or a function call within one worker. */
export interface ConsumerLink {
  /** `attempt` of the producer: a consumer refuses one that is older than it has seen. */
  open(channel: string, attempt: number): void;
  data(frame: HeldFrame): void;
  /** `superseded`: see `ReceiverEvents.ended`. */
  fin(sequence: number, superseded: boolean): void;
}

export interface SenderEvents {
  /** Frames were acked; there is room again where the channel was full. */
  acked(): void;
  /** Everything and the end of the channel is acked. Called once. */
  done(): void;
  /** The consumer wants nothing more. Called once. */
  stopped(): void;
}

export interface SenderOptions {
  readonly name: string;
  readonly attempt: number;
  readonly maxHeldBytes: number;
  readonly skipTuples: SkipTuples;
  readonly events: SenderEvents;
}

/** The producer's end of a channel on whatever connection there is at the moment. */
export class ChannelSender {
  readonly name: string;
  readonly #attempt: number;
  readonly #channel: OutChannel;
  readonly #events: SenderEvents;
  #link: ConsumerLink | undefined;
  #doneTold = false;
  /** Within one worker the answer comes before `open` returns: what follows it must not overtake what is repeated. */
  #announcing = false;
  #earlyAnswer: Opened | undefined;

  constructor({ name, attempt, maxHeldBytes, skipTuples, events }: SenderOptions) {
    this.name = name;
    this.#attempt = attempt;
    this.#channel = new OutChannel(maxHeldBytes, skipTuples);
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

  /** The consumer has everything below this number safe. */
  get acked(): number {
    return this.#channel.acked;
  }

  /** All that was handed to it, or that the consumer had when it said so; `stopped`: it wanted no more and has not said. Undefined: nor that. */
  get known(): MadePosition | undefined {
    return this.#channel.known;
  }

  /** What the running attempt of the producer has made so far. */
  get made(): MadePosition {
    return this.#channel.made;
  }

  /** The consumer has the end already, from an attempt before. */
  get endKnown(): boolean {
    return this.#channel.endKnown;
  }

  /** The consumer has said where it stands, and has neither the end nor more than the running attempt has made. */
  get settled(): boolean {
    return this.#channel.settled;
  }

  /** What the running attempt makes now, one before it has made already. */
  get remaking(): boolean {
    return this.#channel.remaking;
  }

  /** Announces the channel on a new connection and repeats the first frame that is not acked; the rest follows the answer. */
  connect(link: ConsumerLink): void {
    this.#link = link;
    const again = this.#channel.resend();
    this.#announcing = true;
    link.open(this.name, this.#attempt);
    if (again !== undefined) this.#send(link, again);
    this.#announcing = false;
    const answer = this.#earlyAnswer;
    this.#earlyAnswer = undefined;
    if (answer !== undefined) this.onOpened(answer);
  }

  /** `link` is gone. Another one may have taken its place already. */
  disconnect(link: ConsumerLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#channel.disconnected();
  }

  /** The producer makes everything again from there on, or from the beginning; what is known already is compared and dropped. Throws DIVERGED. */
  restart(from?: MadePosition): void {
    this.#channel.restart(from);
  }

  push(bytes: Buffer, count: number): void {
    this.#channel.push(bytes, count);
    this.#pump();
  }

  /** `superseded`: what is put out from here on goes to the next generation of the consumers. */
  finish(superseded = false): void {
    this.#channel.finish(superseded);
    this.#pump();
    this.#tellDone();
  }

  /** Throws PROTOCOL, or DIVERGED when the consumer has something else than what is made here. */
  onOpened(answer: Opened): void {
    if (this.#announcing) {
      this.#earlyAnswer = answer;
      return;
    }
    this.#channel.opened(answer);
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
      this.#send(this.#link, sendable);
    }
  }

  #send(link: ConsumerLink, sendable: Sendable): void {
    if (sendable.kind === 'data') link.data(sendable.frame);
    else link.fin(sendable.sequence, sendable.superseded);
  }
}
