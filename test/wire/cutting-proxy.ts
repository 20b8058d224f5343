import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Random } from '../../src/base/random.ts';

export interface CuttingOptions {
  readonly seed: number;
  /** Connections are cut after this many bytes on average, counted in both directions. Far less than a frame, and nothing gets through. */
  readonly cutAfterBytes: number;
  /** From then on connections are left alone. */
  readonly maxCuts?: number;
}

export interface CuttingProxy {
  readonly host: string;
  readonly port: number;
  /** Connections cut so far. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** A TCP proxy on 127.0.0.1 that cuts each connection at a random byte: what is before it arrives, often half a frame. */
export async function startCuttingProxy(target: { readonly host: string; readonly port: number }, options: CuttingOptions): Promise<CuttingProxy> {
  const proxy = new Proxy(target, options);
  await proxy.listen();
  return proxy;
}

class Proxy implements CuttingProxy {
  readonly host = '127.0.0.1';
  cuts = 0;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #options: CuttingOptions;
  readonly #random: Random;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: { readonly host: string; readonly port: number }, options: CuttingOptions) {
    this.#target = target;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#server = createServer((near) => this.#join(near));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, this.host);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect(this.#target);
    const budget = { bytes: 1 + this.#random.below(2 * this.#options.cutAfterBytes), cut: false };
    this.#forward(near, far, budget);
    this.#forward(far, near, budget);
  }

  #forward(from: Socket, to: Socket, budget: { bytes: number; cut: boolean }): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    // A cut is an error for both sides; what it means is theirs to say.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('data', (chunk: Buffer) => {
      if (budget.cut) return;
      const left = this.cuts >= (this.#options.maxCuts ?? Infinity) ? Infinity : budget.bytes;
      budget.bytes -= chunk.length;
      if (chunk.length < left) return this.#pass(chunk, from, to);
      budget.cut = true;
      this.cuts += 1;
      to.write(chunk.subarray(0, left), () => {
        from.destroy();
        to.destroy();
      });
    });
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}
