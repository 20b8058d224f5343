import type { TaskRef } from '../job/task-id.ts';
import { consumersOf, producersOf, type Topology } from '../job/topology.ts';
import type { ChannelReceiver } from '../wire/channel-receiver.ts';
import type { ChannelSender } from '../wire/channel-sender.ts';
import { joinLocally } from '../wire/local-link.ts';
import type { Peers } from './peers.ts';
import type { GoneChannels, TaskChannels } from './task-channels.ts';
import type { TaskPlaces } from './task-places.ts';

/** As the deployment says that is being brought about. */
interface Surroundings {
  readonly topology: Topology;
  readonly places: TaskPlaces;
  /** Whether the channel between a task and this neighbour has one of its ends elsewhere than before. */
  readonly moved: (neighbour: TaskRef) => boolean;
}

/** The ends of a job's channels on one worker, each joined with its other end: here, or over the connection with another worker. */
export class ChannelJoints {
  readonly #worker: string;
  readonly #peers: Peers;
  readonly #receivers = new Map<string, ChannelReceiver>();

  /** `worker`: this one's name. */
  constructor(worker: string, peers: Peers) {
    this.#worker = worker;
    this.#peers = peers;
  }

  /** The end of a channel, where that is here. */
  receiver(channel: string): ChannelReceiver | undefined {
    return this.#receivers.get(channel);
  }

  /** Those of a task that is hosted here end here from now on. */
  add({ receivers }: TaskChannels): void {
    for (const receiver of receivers) this.#receivers.set(receiver.name, receiver);
  }

  forget({ receivers, senders }: GoneChannels): void {
    for (const receiver of receivers) this.#receivers.delete(receiver.name);
    for (const sender of senders) this.#peers.leave(sender);
  }

  /** Within the worker by function calls, else over the connection with the consumer's or producer's worker. */
  join(ref: TaskRef, { senders }: TaskChannels, { topology, places, moved }: Surroundings): void {
    for (const [index, consumer] of consumersOf(topology, ref).entries()) {
      if (moved(consumer)) this.#joinConsumer(senders[index] as ChannelSender, consumer, places);
    }
    for (const producer of producersOf(topology, ref)) {
      const host = places.hostOf(producer);
      if (moved(producer) && host !== undefined && !places.isOn(this.#worker, producer)) this.#peers.join(host);
    }
  }

  #joinConsumer(sender: ChannelSender, consumer: TaskRef, places: TaskPlaces): void {
    const host = places.hostOf(consumer);
    // It has finished and is hosted no more: so has the producer.
    if (host === undefined) return;
    const receiver = places.isOn(this.#worker, consumer) ? this.#receivers.get(sender.name) : undefined;
    if (receiver === undefined) return this.#peers.join(host, sender);
    this.#peers.leave(sender);
    joinLocally(sender, receiver);
  }
}
