import { invariant } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { Topology } from '../job/topology.ts';
import type { PeerInfo } from './peers.ts';

export function topologyOf({ plan, sink, rescaling }: Deployment): Topology {
  return { plan, parts: sink.kind === 'folder', rescaling };
}

type Place = Deployment['placement'][number];

/** Where a job's tasks are, as one deployment says it. */
export class TaskPlaces {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #workers: ReadonlyMap<string, PeerInfo>;

  constructor(deployment: Deployment) {
    this.#places = new Map(deployment.placement.map((place) => [taskId(place), place]));
    this.#workers = new Map(deployment.workers.map((peer) => [peer.worker, peer]));
  }

  /** Those that host something. */
  get workers(): PeerInfo[] {
    return [...this.#workers.values()];
  }

  isOn(worker: string, ref: TaskRef): boolean {
    return this.#places.get(taskId(ref))?.worker === worker;
  }

  /** Undefined for a task that has finished and is hosted no more. */
  hostOf(ref: TaskRef): PeerInfo | undefined {
    const place = this.#places.get(taskId(ref));
    return place === undefined ? undefined : this.peer(place.worker);
  }

  /** 0 for a task that is hosted no more. */
  attemptOf(ref: TaskRef): number {
    return this.#places.get(taskId(ref))?.attempt ?? 0;
  }

  peer(worker: string): PeerInfo {
    const info = this.#workers.get(worker);
    invariant(info !== undefined, `worker ${worker} is in the deployment`);
    return info;
  }
}
