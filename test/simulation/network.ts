/** Channels over connections that delay and lose what is under way. Within one connection order is kept. */
import type { ChannelReceiver, ProducerLink } from '../../src/wire/channel-receiver.ts';
import type { ChannelSender, ConsumerLink } from '../../src/wire/channel-sender.ts';
import { RainstormError } from '../../src/base/errors.ts';
import type { Scheduler } from './scheduler.ts';

/** One direction of a connection: a queue that is delivered one message at a time. */
class Pipe {
  readonly #scheduler: Scheduler;
  readonly #failed: (error: RainstormError) => void;
  #queue: (() => void)[] = [];
  #planned = false;
  #cut = false;
  #closed = false;

  constructor(scheduler: Scheduler, failed: (error: RainstormError) => void) {
    this.#scheduler = scheduler;
    this.#failed = failed;
  }

  send(deliver: () => void): void {
    if (this.#cut || this.#closed) return;
    this.#queue.push(deliver);
    this.#plan();
  }

  /** Nothing more is taken, but what was taken is still delivered. */
  close(): void {
    this.#closed = true;
  }

  cut(): void {
    this.#cut = true;
    this.#queue = [];
  }

  #plan(): void {
    if (this.#planned || this.#queue.length === 0) return;
    this.#planned = true;
    this.#scheduler.later(() => {
      this.#planned = false;
      const deliver = this.#queue.shift();
      try {
        deliver?.();
      } catch (error) {
        if (!(error instanceof RainstormError)) throw error;
        this.#failed(error);
      }
      this.#plan();
    });
  }
}

/** A channel's connections, one after the other. */
export class Route {
  readonly #scheduler: Scheduler;
  readonly #sender: ChannelSender;
  readonly #receiver: ChannelReceiver;
  readonly #diverged: (error: RainstormError) => void;
  #current: { readonly forth: Pipe; readonly back: Pipe; readonly toConsumer: ConsumerLink; readonly toProducer: ProducerLink } | undefined;

  #ended = false;
  readonly #lingering: Pipe[] = [];

  constructor(scheduler: Scheduler, sender: ChannelSender, receiver: ChannelReceiver, diverged: (error: RainstormError) => void) {
    this.#scheduler = scheduler;
    this.#sender = sender;
    this.#receiver = receiver;
    this.#diverged = diverged;
  }

  connect(): void {
    if (this.#ended) return;
    const failed = (error: RainstormError) => {
      if (error.code === 'DIVERGED') this.#diverged(error);
      else this.cut();
    };
    const forth = new Pipe(this.#scheduler, failed);
    const back = new Pipe(this.#scheduler, failed);
    const sender = this.#sender;
    const receiver = this.#receiver;
    const toProducer: ProducerLink = {
      opened: (answer) => back.send(() => sender.onOpened(answer)),
      ack: (expected, creditBytes) => back.send(() => sender.onAck(expected, creditBytes)),
      stop: () => back.send(() => sender.onStop()),
    };
    const toConsumer: ConsumerLink = {
      open: (_, attempt) => forth.send(() => {
        // A worker that takes a new connection closes the older one before it reads from it.
        for (const old of this.#lingering.splice(0)) if (old !== forth) old.cut();
        receiver.connect(toProducer, attempt);
      }),
      // The bytes are copied, as a socket copies them.
      data: ({ first, count, bytes }) => forth.send(() => receiver.onData(toProducer, first, count, Buffer.from(bytes))),
      fin: (sequence) => forth.send(() => receiver.onFin(toProducer, sequence)),
    };
    this.#current = { forth, back, toConsumer, toProducer };
    sender.connect(toConsumer);
  }

  /** One end has died: it hears nothing any more and says nothing, and the other learns of it some time later. */
  end(dead: 'sender' | 'receiver'): void {
    this.#ended = true;
    const old = this.#current;
    this.#current = undefined;
    old?.forth.cut();
    old?.back.cut();
    if (old === undefined) return;
    this.#scheduler.later(() => {
      if (dead === 'sender') this.#receiver.disconnect(old.toProducer);
      else this.#sender.disconnect(old.toConsumer);
    });
  }

  /** Loses what is under way; both ends learn of it, and a new connection is made some time later. */
  cut(): void {
    const old = this.#current;
    if (old === undefined) return;
    this.#current = undefined;
    old.back.cut();
    this.#sender.disconnect(old.toConsumer);
    // What has reached the consumer's side is still delivered until it learns of the loss.
    old.forth.close();
    this.#lingering.push(old.forth);
    this.#scheduler.later(() => {
      old.forth.cut();
      this.#receiver.disconnect(old.toProducer);
    });
    this.#scheduler.later(() => this.connect());
  }
}
