/**
 * Which workers there are. Time is handed in; nothing here waits.
 *
 * M1 A worker that has not reported for `leaseMs` is lost. Its process does not come back; another may take its name.
 */
import { RainstormError } from '../base/errors.ts';
import type { WorkerInfo } from '../control/schemas.ts';

export class Membership {
  readonly #leaseMs: number;
  readonly #members = new Map<string, { readonly info: WorkerInfo; heardAt: number }>();
  /** The process last lost under each name. */
  readonly #lost = new Map<string, WorkerInfo>();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** Throws WORKER_LOST for a process that was declared lost: its tasks may already run elsewhere. */
  register(info: WorkerInfo, now: number): void {
    const lost = this.#lost.get(info.worker);
    if (lost !== undefined && isSameProcess(lost, info)) throw new RainstormError('WORKER_LOST', `worker ${info.worker} was declared lost; it must start anew`);
    this.#members.set(info.worker, { info, heardAt: now });
  }

  /** Gives false for a worker that is not (or no longer) a member. */
  heard(worker: string, now: number): boolean {
    const member = this.#members.get(worker);
    if (member === undefined) return false;
    member.heardAt = now;
    return true;
  }

  find(worker: string): WorkerInfo | undefined {
    return this.#members.get(worker)?.info;
  }

  all(): WorkerInfo[] {
    return [...this.#members.values()].map((member) => member.info);
  }

  /** Workers that take tasks of any job, in the order of their names. */
  workers(): WorkerInfo[] {
    return [...this.#members.values()]
      .map((member) => member.info)
      .filter((info) => info.edgeOfJob === undefined)
      .toSorted((a, b) => (a.worker < b.worker ? -1 : 1));
  }

  /** M1: removes and gives those whose lease has run out. */
  expire(now: number): WorkerInfo[] {
    const expired = [...this.#members.values()].filter((member) => now - member.heardAt > this.#leaseMs);
    for (const { info } of expired) this.remove(info.worker);
    return expired.map((member) => member.info);
  }

  /** The worker's process is known to have ended, or its job has. */
  remove(worker: string): WorkerInfo | undefined {
    const info = this.#members.get(worker)?.info;
    if (info === undefined) return undefined;
    this.#members.delete(worker);
    this.#lost.set(worker, info);
    return info;
  }
}

export function isSameProcess(one: WorkerInfo, other: WorkerInfo): boolean {
  return one.hostname === other.hostname && one.pid === other.pid && one.startTime === other.startTime;
}
