/**
 * One TCP connection between two workers of a job, carrying all channels between them in both directions.
 *
 * W1 The socket is always read: a slow task shows in the credit it grants, never in unread bytes that hold other channels up.
 * W2 After the first error nothing more is handed on; the channels go on from their last acks on the next connection.
 */
import type { Socket } from 'node:net';
import { RainstormError } from '../base/errors.ts';
import type { ChannelReceiver, Opened, ProducerLink } from './channel-receiver.ts';
import type { ChannelSender, ConsumerLink } from './channel-sender.ts';
import { FRAME, encodeHeader, type Frame, type FrameDecoder, type FrameType } from './frame.ts';

const EMPTY = Buffer.alloc(0);
const CREDIT_BYTES = 8;

export interface ConnectionEvents {
  /** Finds the consumer's end of a channel that the other side opens; undefined if it is not hosted here. */
  receiver(channel: string): ChannelReceiver | undefined;
  /** The connection ended, once, with the reason if there was an error. */
  closed(error: Error | undefined): void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  readonly #events: ConnectionEvents;
  /** Channels that begin on this side, by the number we gave them. */
  readonly #senders: { readonly sender: ChannelSender; readonly link: ConsumerLink }[] = [];
  /** Channels that end on this side, by the number the other side gave them. */
  readonly #receivers = new Map<number, { readonly receiver: ChannelReceiver; readonly link: ProducerLink }>();
  #closed = false;
  #corked = false;

  /** Takes over a socket whose handshake is done. `decoder` may hold the beginning of what follows. */
  constructor(socket: Socket, decoder: FrameDecoder, events: ConnectionEvents) {
    this.#socket = socket;
    this.#decoder = decoder;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on('error', (error) => this.close(error));
    socket.on('close', () => this.close(undefined));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    // The handshake read in paused mode.
    socket.resume();
  }

  /** Announces a channel that begins here. */
  openChannel(sender: ChannelSender): void {
    const number = this.#senders.length;
    const link: ConsumerLink = {
      open: (channel, attempt) => this.#send(FRAME.open, number, attempt, 0, Buffer.from(channel)),
      data: (frame) => this.#send(FRAME.data, number, frame.first, frame.count, frame.bytes),
      fin: (sequence, superseded) => this.#send(FRAME.fin, number, sequence, superseded ? 1 : 0, EMPTY),
    };
    this.#senders.push({ sender, link });
    sender.connect(link);
  }

  close(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    for (const { sender, link } of this.#senders) sender.disconnect(link);
    for (const { receiver, link } of this.#receivers.values()) receiver.disconnect(link);
    this.#events.closed(error);
  }

  #read(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk, (frame) => {
        if (!this.#closed) this.#take(frame);
      });
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      this.close(error);
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case FRAME.open:
        return this.#takeOpen(frame);
      case FRAME.data: {
        const { receiver, link } = this.#receiverOf(frame);
        return receiver.onData(link, frame.sequence, frame.count, frame.payload);
      }
      case FRAME.fin: {
        const { receiver, link } = this.#receiverOf(frame);
        return receiver.onFin(link, frame.sequence, frame.count === 1);
      }
      case FRAME.ack:
        return this.#senderOf(frame).onAck(frame.sequence, readNumber(frame, 0));
      case FRAME.opened:
        return this.#senderOf(frame).onOpened(readOpened(frame));
      case FRAME.stop:
        return this.#senderOf(frame).onStop();
      default:
        throw new RainstormError('PROTOCOL', `a frame of type ${frame.type} arrived after the handshake`);
    }
  }

  #takeOpen(frame: Frame): void {
    const channel = frame.payload.toString();
    const receiver = this.#events.receiver(channel);
    if (receiver === undefined) throw new RainstormError('PROTOCOL', `channel ${channel} was opened, which does not end here`);
    const number = frame.channel;
    const link: ProducerLink = {
      opened: ({ expected, ended, creditBytes, windowBytes, digest }) => {
        this.#send(FRAME.opened, number, expected, ended ? 1 : 0, numbers(creditBytes, windowBytes, digest));
      },
      ack: (expected, creditBytes) => this.#send(FRAME.ack, number, expected, 0, numbers(creditBytes)),
      stop: () => this.#send(FRAME.stop, number, 0, 0, EMPTY),
    };
    this.#receivers.set(number, { receiver, link });
    receiver.connect(link, frame.sequence);
  }

  #receiverOf(frame: Frame): { readonly receiver: ChannelReceiver; readonly link: ProducerLink } {
    const entry = this.#receivers.get(frame.channel);
    if (entry === undefined) throw new RainstormError('PROTOCOL', `a frame arrived for channel number ${frame.channel}, which is not open`);
    return entry;
  }

  #senderOf(frame: Frame): ChannelSender {
    const entry = this.#senders[frame.channel];
    if (entry === undefined) throw new RainstormError('PROTOCOL', `an ack arrived for channel number ${frame.channel}, which is not open`);
    return entry.sender;
  }

  #send(type: FrameType, channel: number, sequence: number, count: number, payload: Buffer): void {
    if (this.#closed) return;
    this.#cork();
    this.#socket.write(encodeHeader(type, channel, sequence, count, payload));
    if (payload.length > 0) this.#socket.write(payload);
  }

  /** All frames of one turn of the event loop leave in one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    setImmediate(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }
}

/** Doubles, since credit is below zero while an oversize tuple waits to be fed. */
function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * CREDIT_BYTES);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, index * CREDIT_BYTES);
  return bytes;
}

function readOpened(frame: Frame): Opened {
  return {
    expected: frame.sequence,
    ended: frame.count === 1,
    creditBytes: readNumber(frame, 0),
    windowBytes: readNumber(frame, 1),
    digest: readNumber(frame, 2),
  };
}

function readNumber(frame: Frame, index: number): number {
  const value = frame.payload.length >= (index + 1) * CREDIT_BYTES ? frame.payload.readDoubleLE(index * CREDIT_BYTES) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new RainstormError('PROTOCOL', `a frame of type ${frame.type} arrived without its numbers`);
  return value;
}
