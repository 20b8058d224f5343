/** Takes the connections that other workers dial and hands each to the job that its hello names. */
import { createServer, type Server, type Socket } from 'node:net';
import { RainstormError, messageOf } from '../base/errors.ts';
import { listenError, type ListenAddress } from '../control/http-server.ts';
import { readHello, refuse, welcome } from '../wire/handshake.ts';
import type { JobHost } from './job-host.ts';

/** What takes a job's connections. */
export type ConnectionTaker = Pick<JobHost, 'accept' | 'maxFrameBytes'>;

export class DataListener {
  readonly #server: Server;
  readonly #find: (job: string) => ConnectionTaker | undefined;
  readonly #handshakeMs: number | undefined;
  readonly #sockets = new Set<Socket>();

  /** `handshakeMs`: how long a connection may take to say hello. */
  constructor(find: (job: string) => ConnectionTaker | undefined, handshakeMs?: number) {
    this.#find = find;
    this.#handshakeMs = handshakeMs;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      void this.#greet(socket);
    });
  }

  /** Gives the port that it listens on. Throws PORT_IN_USE or LISTEN_REFUSED. */
  async listen(address: ListenAddress): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ host: address.host, port: address.port }, resolve);
    await promise.catch((cause: unknown) => {
      throw listenError(cause, address);
    });
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port');
    return bound.port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #greet(socket: Socket): Promise<void> {
    try {
      const hello = await readHello(socket, this.#handshakeMs);
      const host = this.#find(hello.job);
      const reason = host === undefined
        ? `job ${hello.job} is not known here`
        : host.accept(hello.worker, hello.secret, () => welcome(socket, host.maxFrameBytes));
      if (reason !== undefined) refuse(socket, reason);
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      // A stranger, or a worker that went away while greeting: there is nobody to tell but the log of whoever dialled.
      refuse(socket, messageOf(error));
    }
  }
}
