/**
 * The connections of one job from this worker to the others, one for each pair of workers.
 *
 * Q1 Of two workers one dials: the command with the user's stdin and stdout if it is one of them, else the one whose name
 *    sorts first. It dials again after every loss, and the channels go on where their consumers say.
 * Q2 A new connection from a worker closes an older one of that worker before any channel is opened on it.
 * Q3 Who cannot reach a worker for `RECONNECT_GIVE_UP_MS` fails the job; whether that worker is dead is the leader's to say.
 * Q4 So does who gets `MAX_PROTOCOL_ERRORS` from a worker in a row: what is broken for good is not mended by dialling again.
 * Q5 A worker that hosts nothing of the job any more is forgotten: its connection is closed, and none of it is taken again.
 */
import { RainstormError, messageOf } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { ChannelReceiver } from '../wire/channel-receiver.ts';
import type { ChannelSender } from '../wire/channel-sender.ts';
import { Connection } from '../wire/connection.ts';
import type { Address, dial, Greeted } from '../wire/handshake.ts';

const FIRST_RETRY_MS = 10;
const MAX_RETRY_MS = 1_000;

/** Longer than a worker needs to be declared dead, so that the better reason is given first. */
const RECONNECT_GIVE_UP_MS = 30_000;

/** Damage on the way is rare, and the next connection makes it good; so many in a row are no accident. */
const MAX_PROTOCOL_ERRORS = 10;

export interface PeerInfo {
  readonly worker: string;
  readonly data: Address;
  readonly edge: boolean;
}

export interface PeersOptions {
  readonly job: string;
  readonly secret: string;
  readonly self: PeerInfo;
  readonly maxFrameBytes: number;
  readonly clock: Clock;
  readonly dial: typeof dial;
  receiver(channel: string): ChannelReceiver | undefined;
  /** A worker cannot be reached. */
  lost(error: RainstormError): void;
  note(text: string): void;
}

interface Peer {
  readonly info: PeerInfo;
  readonly senders: Set<ChannelSender>;
  /** Begin here too, and are opened by the next `start`. */
  readonly joining: Set<ChannelSender>;
  /** Q5 */
  readonly forgotten: AbortController;
  connection: Connection | undefined;
  dialing: boolean;
  protocolErrors: number;
}

export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #ended = new AbortController();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /**
   * Says that channels join us with a worker; `sender` is one that begins here, whose consumer is hosted anew there: it may have
   * been elsewhere before, or on the same worker, which was taken for dead.
   */
  join(info: PeerInfo, sender?: ChannelSender): void {
    let peer = this.#peers.get(info.worker);
    if (peer === undefined) {
      peer = { info, senders: new Set(), joining: new Set(), forgotten: new AbortController(), connection: undefined, dialing: false, protocolErrors: 0 };
      this.#peers.set(info.worker, peer);
    }
    if (sender === undefined) return;
    this.leave(sender);
    peer.joining.add(sender);
  }

  /** The consumer of a channel that begins here is hosted elsewhere by now, or here. */
  leave(sender: ChannelSender): void {
    // It may not have been opened there yet.
    for (const peer of this.#peers.values()) for (const held of [peer.senders, peer.joining]) held.delete(sender);
  }

  /** Every worker knows by now which channels end there: opens those that have joined, dials whom it is ours to dial. */
  start(): void {
    for (const peer of this.#peers.values()) {
      for (const sender of peer.joining) {
        peer.senders.add(sender);
        peer.connection?.openChannel(sender);
      }
      peer.joining.clear();
      if (peer.connection === undefined) this.#dialIfOurs(peer);
    }
  }

  /** Q5: forgets all workers but these. One that listens elsewhere by now is another that took the name. */
  keepOnly(workers: readonly PeerInfo[]): void {
    const addresses = new Map(workers.map(({ worker, data }) => [worker, data]));
    for (const [name, peer] of this.#peers) {
      const address = addresses.get(name);
      if (address?.host === peer.info.data.host && address.port === peer.info.data.port) continue;
      this.#peers.delete(name);
      peer.forgotten.abort();
      peer.connection?.close(undefined);
    }
  }

  /** Takes a connection that another worker of the job has dialled; `greet` welcomes it. Gives false if no channel joins us with it. */
  accept(worker: string, greet: () => Greeted): boolean {
    const peer = this.#peers.get(worker);
    if (peer === undefined || this.#ended.signal.aborted) return false;
    this.#connected(peer, greet());
    return true;
  }

  end(): void {
    this.#ended.abort();
    this.keepOnly([]);
  }

  /** Q1 */
  #isOursToDial(other: PeerInfo): boolean {
    const { self } = this.#options;
    return self.edge || (!other.edge && self.worker < other.worker);
  }

  #dialIfOurs(peer: Peer): void {
    if (this.#isOursToDial(peer.info)) void this.#keepDialing(peer);
  }

  async #keepDialing(peer: Peer): Promise<void> {
    if (peer.dialing) return;
    peer.dialing = true;
    const { clock, job, secret, self, maxFrameBytes, dial: dialPeer } = this.#options;
    const { signal } = peer.forgotten;
    const startedAt = clock.now();
    for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        const greeted = await dialPeer(peer.info.data, { job, secret, worker: self.worker }, maxFrameBytes, signal);
        peer.dialing = false;
        return this.#connected(peer, greeted);
      } catch (error) {
        if (!(error instanceof RainstormError)) throw error;
        if (signal.aborted) return;
        if (clock.now() - startedAt > RECONNECT_GIVE_UP_MS) return this.#options.lost(error);
        await clock.wait(retryMs, signal);
      }
    }
  }

  #connected(peer: Peer, greeted: Greeted): void {
    if (peer.forgotten.signal.aborted) return void greeted.socket.destroy();
    peer.connection?.close(undefined);
    const connection: Connection = new Connection(greeted.socket, greeted.decoder, {
      receiver: (channel) => this.#options.receiver(channel),
      closed: (error) => this.#disconnected(peer, connection, error),
    });
    peer.connection = connection;
    for (const sender of peer.senders) connection.openChannel(sender);
  }

  #disconnected(peer: Peer, connection: Connection, error: Error | undefined): void {
    if (peer.connection !== connection) return;
    peer.connection = undefined;
    if (peer.forgotten.signal.aborted) return;
    const wrong = error instanceof RainstormError ? error : undefined;
    peer.protocolErrors = wrong === undefined ? 0 : peer.protocolErrors + 1;
    if (wrong !== undefined && (wrong.code === 'DIVERGED' || peer.protocolErrors >= MAX_PROTOCOL_ERRORS)) return this.#options.lost(wrong);
    this.#options.note(`connection with worker ${peer.info.worker} lost${error === undefined ? '' : `: ${messageOf(error)}`}`);
    this.#dialIfOurs(peer);
  }
}
