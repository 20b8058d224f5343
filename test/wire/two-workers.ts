import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import type { ChannelSender } from '../../src/wire/channel-sender.ts';
import { Connection } from '../../src/wire/connection.ts';
import { dial, readHello, welcome, type Address } from '../../src/wire/handshake.ts';

const MAX_PAYLOAD_BYTES = 1 << 20;
const HELLO = { job: 'j', secret: 's', worker: 'w' };

/** One side of a connection: the channels that begin and end there, and how its connections ended. */
export class Side {
  readonly senders: ChannelSender[] = [];
  readonly receivers = new Map<string, ChannelReceiver>();
  readonly closed: (Error | undefined)[] = [];
  connection: Connection | undefined;

  add(...receivers: readonly ChannelReceiver[]): void {
    for (const receiver of receivers) this.receivers.set(receiver.name, receiver);
  }

  /** The newest connection takes the place of the one before. */
  take(socket: Socket, decoder: ConstructorParameters<typeof Connection>[1], lost: () => void = () => undefined): Connection {
    this.connection?.close(undefined);
    this.connection = new Connection(socket, decoder, {
      receiver: (channel) => this.receivers.get(channel),
      closed: (error) => {
        this.closed.push(error);
        lost();
      },
    });
    for (const sender of this.senders) this.connection.openChannel(sender);
    return this.connection;
  }
}

/** A side that listens; gives where. */
export async function listening(side: Side): Promise<Address> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    readHello(socket).then(() => {
      const { decoder } = welcome(socket, MAX_PAYLOAD_BYTES);
      side.take(socket, decoder);
    }, () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    side.connection?.close(undefined);
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Keeps a side connected with an address until the signal; `before` is called before each new connection. */
export async function keepConnected(side: Side, address: Address, signal: AbortSignal, before: () => void = () => undefined): Promise<void> {
  while (!signal.aborted) {
    const lost = Promise.withResolvers<void>();
    try {
      const { socket, decoder } = await dial(address, HELLO, MAX_PAYLOAD_BYTES, signal);
      before();
      side.take(socket, decoder, lost.resolve);
    } catch {
      // Cut during the handshake: once more.
      continue;
    }
    await lost.promise;
  }
}

/** A connection made once. */
export async function connected(side: Side, address: Address): Promise<Connection> {
  const { socket, decoder } = await dial(address, HELLO, MAX_PAYLOAD_BYTES, new AbortController().signal);
  return side.take(socket, decoder);
}

/** A socket behind its handshake, to write on what one likes. */
export async function rawSocket(address: Address): Promise<Socket> {
  const { socket } = await dial(address, HELLO, MAX_PAYLOAD_BYTES, new AbortController().signal);
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
}
